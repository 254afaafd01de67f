"""Writes of work. Every change of an instance is one transaction: its tokens, its items, its clocks and its facts together."""

from bihuan.act.work.actions.absent import hand_over_open, pass_on, take_back
from bihuan.act.work.actions.automatic import run_automatic, try_again
from bihuan.act.work.actions.clocks import ring, ring_all
from bihuan.act.work.actions.dating import due_by
from bihuan.act.work.actions.deviating import add_step, do_ahead, reassign, review_deviation, skip_step
from bihuan.act.work.actions.doing import (
    NotTheirs,
    TakenAlready,
    claim,
    complete,
    delegate,
    give_back,
    put_where_it_was,
    tick,
)
from bihuan.act.work.actions.governing import cancel_instance, change_version, pause, resume
from bihuan.act.work.actions.hearing import deliver_message, deliver_signal
from bihuan.act.work.actions.inviting import accept, digest_of, invite, revoke
from bihuan.act.work.actions.starting import start_process
from bihuan.act.work.actions.talking import attach, comment
from bihuan.act.work.actions.voting import ask_also, vote

__all__ = [
    "NotTheirs",
    "TakenAlready",
    "accept",
    "add_step",
    "ask_also",
    "attach",
    "cancel_instance",
    "change_version",
    "claim",
    "comment",
    "complete",
    "delegate",
    "deliver_message",
    "deliver_signal",
    "digest_of",
    "do_ahead",
    "due_by",
    "give_back",
    "hand_over_open",
    "invite",
    "pass_on",
    "pause",
    "put_where_it_was",
    "reassign",
    "resume",
    "review_deviation",
    "revoke",
    "ring",
    "ring_all",
    "run_automatic",
    "skip_step",
    "start_process",
    "take_back",
    "tick",
    "try_again",
    "vote",
]
