"""The plays of an account, on its page."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from bihuan.act.plays.models import PlayRun
from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel

SHOWN = 6


@register_panel
class AccountPlaysPanel(Panel):
    """The newest runs, those that wait for somebody first."""

    name = "account-plays"
    title = gettext_lazy("Plays")
    permission = "plays.view"
    area = "side"
    size = "s"
    order = 17

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Each with its state; none says so."""
        rows = PlayRun.objects.visible_to(actor_of(request)).filter(account=subject).select_related("play")
        shown = sorted(rows.order_by("-opened_at")[:SHOWN], key=lambda row: row.state != "proposed")
        return render_to_string(
            "plays/account_panel.html", {"rows": shown, "account": subject}, request=request
        )
