"""Signals on the workbench of those whom they concern."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel
from bihuan.foresee.signals.queries import open_for, told

SHOWN = 8


@register_panel
class SignalsPanel(Panel):
    """The newest open signals."""

    name = "signals"
    title = gettext_lazy("Signals")
    permission = "signals.view"
    slot = "workbench"
    area = "side"
    size = "m"
    order = 20

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Each with what was seen and where to settle it; nothing open says so."""
        rows, number = open_for(actor_of(request), most=SHOWN)
        return render_to_string("signals/panel.html", {"rows": told(rows), "number": number}, request=request)
