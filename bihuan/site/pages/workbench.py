"""The workbench: what needs us now."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import actor_of, allow
from bihuan.base.ui import is_fragment, nav_entry, notice, panels
from bihuan.site import simulated, workbench

#: Panels of the main column up to this order stand above everything else: what the day begins with.
STARTS_THE_DAY = 10


@allow("workbench.view")
def home(request: HttpRequest) -> HttpResponse:
    """The whole workbench, or the ranked list alone after a change."""
    actor = actor_of(request)
    now = timezone.now()
    local = timezone.localtime(now)
    day = local.date()
    scope = request.GET.get("scope", "all")
    if scope not in workbench.SCOPES:
        scope = "all"
    sees_needs = actor.may("health.view") and actor.may("contracts.view")
    context: dict[str, Any] = {
        "scope": scope,
        "scopes": scopes(team=actor.team_id is not None),
        "needs": workbench.needs_us(actor=actor, scope=scope, day=day) if sees_needs else None,
        "day": day,
    }
    if is_fragment(request) and request.headers.get("HX-Target") == "needs":
        return render(request, "site/parts/needs.html", context)
    shown = panels("workbench", actor=actor)
    due = workbench.promises(actor=actor, now=now)
    first = [p for p in shown if p.area == "main" and p.order <= STARTS_THE_DAY]
    context |= {
        "greeting": greeting(local.hour),
        "week": day.isocalendar().week,
        "weekday": WEEKDAYS[day.weekday()],
        "mine": workbench.my_accounts(actor=actor),
        "changes": workbench.what_changed(actor=actor, now=now),
        "follow_ups": due.follow_ups,
        "now": now,
        "promised": due.tickets,
        "promised_number": due.tickets_due,
        "more_promised": due.tickets_due - len(due.tickets),
        "sees_sources": actor.may("sources.view"),
        "first": first,
        "panels": [p for p in shown if p not in first],
    }
    return render(request, "site/workbench.html", context)


WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


def greeting(hour: int) -> str:
    """By the hour in the organisation's zone."""
    if hour < 5 or hour >= 18:
        return _("Good evening")
    if hour < 11:
        return _("Good morning")
    return _("Good day") if hour < 14 else _("Good afternoon")


def scopes(*, team: bool) -> list[tuple[str, str]]:
    """Whose customers to look at."""
    choices = [("all", _("All I may see")), ("mine", _("Mine"))]
    return [*choices, ("team", _("My team's"))] if team else choices


nav_entry(
    "workbench",
    title=gettext_lazy("Workbench"),
    url="site:workbench",
    section="workbench",
    permission="workbench.view",
    order=0,
    phone=True,
)


@notice
def label_simulated(request: HttpRequest) -> str:
    """Says on every page that simulated data is in the installation."""
    return _("Simulated data") if simulated.present() else ""
