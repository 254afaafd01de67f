"""Writes of plays."""

from bihuan.act.plays.actions.carrying import Preview, carry_due, carry_run, preview_of, title_of
from bihuan.act.plays.actions.goals import note_expired, watch_goals
from bihuan.act.plays.actions.harm import pause_harmful
from bihuan.act.plays.actions.looking import look_for_plays, look_now, meet_signal, meet_stage
from bihuan.act.plays.actions.plays import (
    CHANGEABLE,
    add_play,
    change_play,
    ensure_plays,
    remove_play,
    switch_play,
)
from bihuan.act.plays.actions.runs import (
    SpeaksAgainst,
    begin_now,
    confirm_run,
    decline_run,
    note_minutes,
    open_run,
    propose_play,
    reword_step,
    settle_item,
    undo_confirmation,
)
from bihuan.act.plays.actions.withdrawing import withdraw_run

__all__ = [
    "Preview",
    "CHANGEABLE",
    "SpeaksAgainst",
    "add_play",
    "begin_now",
    "carry_due",
    "carry_run",
    "change_play",
    "confirm_run",
    "decline_run",
    "ensure_plays",
    "look_for_plays",
    "look_now",
    "meet_signal",
    "meet_stage",
    "note_expired",
    "note_minutes",
    "open_run",
    "pause_harmful",
    "preview_of",
    "propose_play",
    "remove_play",
    "reword_step",
    "settle_item",
    "switch_play",
    "title_of",
    "undo_confirmation",
    "watch_goals",
    "withdraw_run",
]
