"""Writes of the weekly plan."""

from bihuan.act.plan.actions.days import lay_line
from bihuan.act.plan.actions.editing import add_line, drop_line, lock_line, move_line, restore_line
from bihuan.act.plan.actions.publishing import publish_week, take_back
from bihuan.act.plan.actions.settings import change_settings
from bihuan.act.plan.actions.solving import ask_for_a_plan, ask_without, solve_week

__all__ = [
    "add_line",
    "ask_for_a_plan",
    "ask_without",
    "change_settings",
    "drop_line",
    "lay_line",
    "lock_line",
    "move_line",
    "publish_week",
    "restore_line",
    "solve_week",
    "take_back",
]
