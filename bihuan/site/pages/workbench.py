"""The workbench: what needs us now."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import is_fragment, nav_entry, notice, panels
from bihuan.base.ui.nav import navigation
from bihuan.know.accounts.models import Account
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
        "guided": None if sees_needs else guide(actor),
        "sees_sources": actor.may("sources.view"),
        "first": first,
        "panels": [p for p in shown if p not in first],
    }
    return render(request, "site/workbench.html", context)


#: What a page of the navigation is for, to whom the workbench has no ranking to show.
PURPOSES = {
    "accounts": gettext_lazy(
        "Whose owner team you are in: who they are, how they use the product, what was agreed."
    ),
    "people": gettext_lazy("Who they are, their part in the decision, and how to reach them."),
    "tickets": gettext_lazy("What your customers asked, by when it is due, and what was answered."),
    "bench": gettext_lazy("Steps of processes that are yours, with the clock beside them."),
    "bench-queue": gettext_lazy("Steps that anybody of your role may take."),
    "absences": gettext_lazy("Say when you are away and who stands in."),
    "products": gettext_lazy("What is sold, so that tickets and people name it alike."),
}


def guide(actor: Actor) -> dict[str, Any]:
    """What somebody can do who may not see health and revenue: the pages open to them, and how many customers they see."""
    links = [link for section in navigation(actor, path="") for link in section.links]
    return {
        "accounts": Account.objects.visible_to(actor).count(),
        "links": [(link, PURPOSES[link.entry.name]) for link in links if link.entry.name in PURPOSES],
    }


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
