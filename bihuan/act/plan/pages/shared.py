"""What pages of the weekly plan share: which week, its tabs, names."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.act.plan.models import WeekPlan
from bihuan.act.plan.queries import monday_of, plan_of, week_to_plan
from bihuan.base.access import Actor, Reach

#: Why a candidate is left out.
REASONS = {
    "other_play": gettext_lazy("Another play of the account is in the plan"),
    "hours": gettext_lazy("Its hours are worth more elsewhere"),
    "nobody": gettext_lazy("Nobody who may do it has the time"), "no_gain": gettext_lazy("No gain is expected"),
}  # fmt: skip


def address(monday: date, view: str = "") -> str:
    """Of a week, and how to look at it."""
    return reverse("plan:week", args=[monday.isoformat()]) + (f"?view={view}" if view else "")


def monday_from(text: str) -> date:
    """The Monday that an address names; 404 for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if day != monday_of(day) or not 2000 <= day.year <= 2200:
        raise Http404
    return day


def plan_or_404(text: str) -> WeekPlan:
    """The plan of the week that an address names."""
    plan = plan_of(monday_from(text))
    if plan is None:
        raise Http404
    return plan


def needs_the_whole(actor: Actor) -> None:
    """The plan shares out everybody's hours, so who decides on it sees every account."""
    if actor.reach != Reach.ALL:
        raise PermissionDenied(_("The weekly plan needs the territory of all customers."))


def tabs(monday: date, here: str, *, actor: Actor) -> list[dict[str, Any]]:
    """Ways to look at a week; what is about the whole is for those who decide."""
    named = [("people", _("By person")), ("accounts", _("By account"))]
    if actor.may("plan.edit"):
        named += [
            ("left", _("Not planned")),
            ("hours", _("One more hour")),
            ("away", _("If somebody is away")),
        ]
    named += [("review", _("Plan and result"))]
    return [
        {"title": title, "url": address(monday, name), "here": name == here, "name": name}
        for name, title in named
    ]


def weeks_around(monday: date) -> dict[str, Any]:
    """The weeks beside it."""
    return {
        "before": address(monday - timedelta(days=7)), "after": address(monday + timedelta(days=7)),
        "sunday": monday + timedelta(days=6), "is_next": monday == week_to_plan(at=timezone.now()),
    }  # fmt: skip


def view_of(request: HttpRequest, names: list[str]) -> str:
    """The way to look that the address names, else the first."""
    wish = request.GET.get("view", "")
    return wish if wish in names else names[0]
