"""Fragments of the account page."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel
from bihuan.earn.contracts.models import Contract
from bihuan.earn.contracts.queries import revenue_by_account


@register_panel
class ContractsPanel(Panel):
    """What the account pays, until when."""

    name = "contracts"
    title = _("Contracts")
    permission = "contracts.view"
    area = "side"
    size = "m"
    order = 30

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """The newest contracts first, with today's revenue above."""
        today = timezone.localdate()
        contracts = Contract.objects.filter(account=subject).prefetch_related("lines")[:8]
        context = {
            "account": subject,
            "revenue": revenue_by_account(day=today, account_ids=[subject.pk]).get(subject.pk),
            "rows": [(c, c.days_to_renewal(on=today), list(c.lines.all())) for c in contracts],
            "total": Contract.objects.filter(account=subject).count(),
            "may_edit": actor_of(request).may("contracts.edit"),
        }
        return render_to_string("contracts/panel.html", context, request=request)
