"""Writes of reach."""

from bihuan.act.reach.actions.channels import (
    add_channel,
    change_channel,
    change_channel_secret,
    remove_channel,
)
from bihuan.act.reach.actions.consent import change_limits, opt_in, opt_out
from bihuan.act.reach.actions.mailing import queue_pieces, send_to_all
from bihuan.act.reach.actions.messages import (
    cancel_message,
    confirm_message,
    retry_message,
    send_message,
    send_soon,
)
from bihuan.act.reach.actions.reading import note_reading
from bihuan.act.reach.actions.sending import send_due
from bihuan.act.reach.actions.showing import show_waiting
from bihuan.act.reach.actions.templates import remove_template, save_template

__all__ = [
    "add_channel",
    "cancel_message",
    "change_channel",
    "change_channel_secret",
    "change_limits",
    "confirm_message",
    "note_reading",
    "opt_in",
    "opt_out",
    "queue_pieces",
    "remove_channel",
    "remove_template",
    "retry_message",
    "save_template",
    "send_due",
    "send_message",
    "send_soon",
    "send_to_all",
    "show_waiting",
]
