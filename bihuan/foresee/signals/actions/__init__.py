"""Writes of signals."""

from bihuan.foresee.signals.actions.kinds import (
    CHANGEABLE,
    add_kind,
    change_kind,
    ensure_kinds,
    read_checked,
    remove_kind,
)
from bihuan.foresee.signals.actions.looking import Looked, look_for_signals, wanted_of
from bihuan.foresee.signals.actions.signals import dismiss_signal, handle_signal, raise_signal, reopen_signal

__all__ = [
    "CHANGEABLE",
    "Looked",
    "add_kind",
    "change_kind",
    "dismiss_signal",
    "ensure_kinds",
    "handle_signal",
    "look_for_signals",
    "raise_signal",
    "read_checked",
    "remove_kind",
    "reopen_signal",
    "wanted_of",
]
