"""Events: what comes in right now, and the trend by event, person or account."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.ui import nav_entry
from bihuan.base.ui.charts import Chart, TimeAxis, over_time
from bihuan.know.accounts.models import Account, Person
from bihuan.site import usage
from bihuan.site.forms import EventsForm
from bihuan.understand.annotations.queries import annotated


def territory(actor: Actor) -> Sequence[int] | None:
    """Ids of the actor's accounts; None for everything."""
    if actor.reach == Reach.ALL:
        return None
    return list(Account.objects.visible_to(actor).values_list("pk", flat=True))


def question(request: HttpRequest) -> tuple[EventsForm, dict[str, Any]]:
    """The form and what it asks; a wrong value is passed over."""
    form = EventsForm(request.GET, names=usage.event_names())
    form.is_valid()
    data = form.cleaned_data
    asked = {
        "name": data.get("event", ""),
        "account_id": data.get("account"),
        "person_id": data.get("person"),
    }
    return form, asked | {"account_ids": territory(actor_of(request))}


@allow("events.view")
def events(request: HttpRequest) -> HttpResponse:
    """The page: form, trend, and the tail that refreshes itself."""
    form, asked = question(request)
    actor = actor_of(request)
    days = form.cleaned_data.get("days") or 30
    last = usage.newest_day()
    today = timezone.localdate(timezone.now())
    until = min(last, today) if last and (today - last).days > days else today
    rows = usage.trend(**asked, day=until, days=days)
    measure = form.cleaned_data.get("measure") or "events"
    chart = trend_chart(rows, until=until, days=days, measure=measure, over=until != today) if rows else None
    context = {
        "form": form,
        "chart": annotated(chart, actor=actor) if chart else None,
        "until": until if until != today else None,
        "answers": bool(rows) or usage.store_answers(),
        "any": last is not None,
        "account": Account.objects.visible_to(actor).filter(pk=asked["account_id"] or 0).first(),
        "person": Person.objects.visible_to(actor).filter(pk=asked["person_id"] or 0).first(),
        **tail_context(asked),
    }
    template = (
        "site/parts/events_body.html"
        if request.headers.get("HX-Target") == "events-body"
        else "site/events.html"
    )
    return render(request, template, context)


@allow("events.view")
def tail(request: HttpRequest) -> HttpResponse:
    """The latest events as a fragment."""
    _form, asked = question(request)
    return render(request, "site/parts/tail.html", tail_context(asked))


def tail_context(asked: dict[str, Any]) -> dict[str, Any]:
    """The latest events with the names of their people and accounts."""
    rows = usage.tail(**asked, now=timezone.now())
    people = Person.objects.in_bulk({row["person_id"] for row in rows if row["person_id"]})
    accounts = Account.objects.in_bulk({row["account_id"] for row in rows if row["account_id"]})
    for row in rows:
        row["person"] = people.get(row["person_id"])
        row["account"] = accounts.get(row["account_id"])
    return {"rows": rows}


MEASURES = {
    "events": (_("Events"), _("Product events by the calendar day in the organisation's time zone.")),
    "people": (_("People"), _("Different people with a product event on the calendar day.")),
    "accounts": (_("Accounts"), _("Different accounts with a product event on the calendar day.")),
}


def trend_chart(rows: list[dict[str, Any]], *, until: date, days: int, measure: str, over: bool) -> Chart:
    """One number per day; days without events are zero. A last day that is not over is said to be so."""
    by_day = {row["day"]: row for row in rows}
    every = [until - timedelta(days=n) for n in reversed(range(days))]
    label, definition = MEASURES[measure]
    unfinished = _("Today is not over yet.")
    return over_time(
        title=label,
        first=_("Day"),
        labels=[d.isoformat() for d in every],
        series=[(label, [by_day.get(d, {}).get(measure, 0) for d in every])],
        size="m",
        axis=TimeAxis.of(every),
        definition=definition if over else f"{definition} {unfinished}",
    )


nav_entry(
    "events",
    title=_("Events"),
    url="site:events",
    section="insight",
    permission="events.view",
    icon="activity",
    order=10,
)
