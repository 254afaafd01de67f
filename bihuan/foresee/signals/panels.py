"""Signals on the workbench of those whom they concern, and on the page of their account."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel
from bihuan.foresee.signals.models import Signal
from bihuan.foresee.signals.queries import SUBJECTS, open_for, told

SHOWN = 8


@register_panel
class SignalsPanel(Panel):
    """The open signals, the gravest first."""

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


@register_panel
class AccountSignalsPanel(Panel):
    """The open signals about an account and its people."""

    name = "account-signals"
    title = gettext_lazy("Signals")
    permission = "signals.view"
    area = "side"
    size = "s"
    order = 15

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Each with what was seen, the gravest first; how it ended is in the list."""
        rows = Signal.objects.visible_to(actor_of(request)).filter(account=subject)
        shown = rows.open().select_related(*SUBJECTS).order_by("-severity", "-raised_at", "-id")[:SHOWN]
        context = {"rows": told(shown), "account": subject, "settled": rows.exclude(state="open").count()}
        return render_to_string("signals/account_panel.html", context, request=request)
