"""The UI kit: lists, forms, panels, navigation, palette, charts. Public names, loaded when first asked for.

Names are loaded lazily because this package is imported before Django's models are ready.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bihuan.base.ui.batch import BatchAction, Done, each
    from bihuan.base.ui.charts import Chart
    from bihuan.base.ui.columns import (
        ActorColumn,
        AgoColumn,
        BadgeColumn,
        Column,
        DateColumn,
        MoneyColumn,
        NumberColumn,
        PercentColumn,
        SparkColumn,
    )
    from bihuan.base.ui.filters import Filters
    from bihuan.base.ui.forms import FormPage, ModelChoice, put_errors
    from bihuan.base.ui.lists import Empty, ListPage
    from bihuan.base.ui.nav import nav_entry, notice
    from bihuan.base.ui.palette import Hit, palette_source
    from bihuan.base.ui.panel import Panel, panels, register_panel
    from bihuan.base.ui.refusals import refusals_at
    from bihuan.base.ui.responses import done, download, is_fragment, toast
    from bihuan.base.ui.undo import Undo, undoable

_HOME = {
    "batch": ("BatchAction", "Done", "each"),
    "charts": ("Chart",),
    "columns": (
        "ActorColumn",
        "AgoColumn",
        "BadgeColumn",
        "Column",
        "DateColumn",
        "MoneyColumn",
        "NumberColumn",
        "PercentColumn",
        "SparkColumn",
    ),
    "filters": ("Filters",),
    "forms": ("FormPage", "ModelChoice", "put_errors"),
    "lists": ("Empty", "ListPage"),
    "nav": ("nav_entry", "notice"),
    "palette": ("Hit", "palette_source"),
    "panel": ("Panel", "panels", "register_panel"),
    "refusals": ("refusals_at",),
    "responses": ("done", "download", "is_fragment", "toast"),
    "undo": ("Undo", "undoable"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "ActorColumn",
    "AgoColumn",
    "BadgeColumn",
    "BatchAction",
    "Chart",
    "Column",
    "DateColumn",
    "Done",
    "Empty",
    "Filters",
    "FormPage",
    "Hit",
    "ListPage",
    "ModelChoice",
    "MoneyColumn",
    "NumberColumn",
    "Panel",
    "PercentColumn",
    "SparkColumn",
    "Undo",
    "done",
    "download",
    "each",
    "is_fragment",
    "nav_entry",
    "notice",
    "palette_source",
    "panels",
    "put_errors",
    "refusals_at",
    "register_panel",
    "toast",
    "undoable",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
