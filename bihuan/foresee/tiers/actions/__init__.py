"""Writes of tiers."""

from bihuan.foresee.tiers.actions.exceptions import end_exception, end_expired, grant_exception
from bihuan.foresee.tiers.actions.moving import note_move
from bihuan.foresee.tiers.actions.settings import change_policy, import_scores, judge_account, set_capacity
from bihuan.foresee.tiers.actions.versions import (
    APPLY,
    apply_rules,
    ask_to_apply,
    checked,
    ensure_rules,
    restore_rules,
    save_rules,
)

__all__ = [
    "APPLY",
    "apply_rules",
    "ask_to_apply",
    "change_policy",
    "checked",
    "end_exception",
    "end_expired",
    "ensure_rules",
    "grant_exception",
    "import_scores",
    "judge_account",
    "note_move",
    "restore_rules",
    "save_rules",
    "set_capacity",
]
