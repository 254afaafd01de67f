"""The page of time limits."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor
from bihuan.base.ui import FormPage, nav_entry
from bihuan.base.ui.forms import Saved
from bihuan.serve.tickets import actions
from bihuan.serve.tickets.forms import LimitsForm
from bihuan.serve.tickets.models import Priority
from bihuan.serve.tickets.queries import limits_by_priority


class EditLimits(FormPage):
    """Minutes of service time to the first response and to the solution, by priority."""

    name, title, permission, form = (
        "limits",
        gettext_lazy("Time limits of tickets"),
        "tickets.limits",
        LimitsForm,
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what holds."""
        return {"limits": limits_by_priority()}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Change each priority that differs."""
        for priority in Priority.values:
            actions.change_limits(priority=priority, limits=form.limits_of(priority), by=by, at=at)
        text = _("Saved. Open tickets are measured anew; what was due for solved ones stays.")
        return text, reverse("tickets:list")


nav_entry("ticket_limits", title=gettext_lazy("Time limits of tickets"), url="tickets:limits", section="settings",
          permission="tickets.limits", icon="clock", order=21)  # fmt: skip
