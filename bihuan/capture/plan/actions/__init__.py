"""Writes of the tracking plan, and the guard that holds arriving events against it."""

from bihuan.capture.plan.actions.changes import (
    draft_plan,
    import_plan,
    remove_event,
    remove_property,
    save_event,
    save_property,
    set_blocking,
)
from bihuan.capture.plan.actions.guard import Guard, get_guard

__all__ = [
    "Guard",
    "draft_plan",
    "get_guard",
    "import_plan",
    "remove_event",
    "remove_property",
    "save_event",
    "save_property",
    "set_blocking",
]
