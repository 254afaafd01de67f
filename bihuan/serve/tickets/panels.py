"""Fragments of the account page."""

from typing import Any

from django.db.models import Avg, Count, Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel
from bihuan.serve.tickets.models import Ticket
from bihuan.serve.tickets.queries import UNSOLVED


@register_panel
class TicketsPanel(Panel):
    """What the account asks of us."""

    name = "tickets"
    title = _("Tickets")
    permission = "tickets.view"
    area = "side"
    size = "m"
    order = 40

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Unsolved ones first, then the newest."""
        tickets = Ticket.objects.filter(account=subject)
        unsolved = Q(state__in=UNSOLVED)
        totals = tickets.aggregate(
            total=Count("pk"), unsolved=Count("pk", filter=unsolved), mean=Avg("satisfaction")
        )
        rows = list(tickets.filter(unsolved)[:6]) or list(tickets[:6])
        context = {
            "account": subject,
            "rows": rows,
            "may_edit": actor_of(request).may("tickets.edit"),
            **totals,
        }
        return render_to_string("tickets/panel.html", context, request=request)
