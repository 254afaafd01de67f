"""The site's own panels of the account page: usage, time line, people, follow-ups."""

import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor, actor_of
from bihuan.base.ui import Panel, register_panel
from bihuan.base.ui.charts import Chart, TimeAxis, mark_unfinished, over_time
from bihuan.know.accounts.models import Account, FollowUp, Membership
from bihuan.site import usage
from bihuan.site.groups import group_of
from bihuan.site.models import AccountCard
from bihuan.site.timeline_context import time_line_context
from bihuan.understand.annotations.queries import annotated

PERIODS = (30, 90, 365)
PEOPLE_SHOWN = 12


@register_panel
class UsagePanel(Panel):
    """People and events a day or a week, and what they use."""

    name, title, permission = "usage", _("Usage"), "usage.view"
    slot, area, size, order = "account", "main", "l", 20

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """The chart and the most used events."""
        wish = request.GET.get("days", "")
        days = next((n for n in PERIODS if str(n) == wish), 90)
        today = timezone.localdate(timezone.now())
        weekly = days > 30
        read = usage.weeks_of_account if weekly else usage.days_of_account
        rows = read(account_id=subject.pk, day=today, days=days)
        chart = usage_chart(rows, today=today, days=days, weekly=weekly) if rows else None
        context = {
            "account": subject,
            "days": days,
            "periods": [
                (n, label)
                for n, label in zip(PERIODS, (_("30 days"), _("90 days"), _("A year")), strict=True)
            ],
            "chart": annotated(chart, actor=actor_of(request)) if chart else None,
            "features": (features := usage.features_of_account(account_id=subject.pk, day=today)),
            "ask": asking_about(subject, [one["name"] for one in features], actor=actor_of(request)),
            "answers": bool(rows) or usage.store_answers(),
        }
        return render_to_string("site/panels/usage.html", context, request=request)


def asking_about(account: Account, names: list[str], *, actor: Actor) -> str:
    """The explorer with what this account uses most, by person; empty for those who may not ask."""
    if not actor.may("explore.view"):
        return ""
    mine = f"account.key == {json.dumps(account.key, ensure_ascii=False)}"
    question = {"kind": "trend", "measure": "people", "events": names, "by": "event", "every": "week",
                "period": {"last": "84d"}, "segment": mine}  # fmt: skip
    if not names:
        del question["events"], question["by"]
    return f"{reverse('explore:page')}?{urlencode({'q': json.dumps(question, ensure_ascii=False)})}"


def usage_chart(rows: list[dict[str, Any]], *, today: date, days: int, weekly: bool) -> Chart:
    """Every day or week of the period, also those without use; the last one is not over."""
    by_day = {row["day"]: row for row in rows}
    every = [today - timedelta(days=n) for n in reversed(range(days))]
    if weekly:
        every = list(dict.fromkeys(d - timedelta(days=d.weekday()) for d in every))
    names = (("people", _("Active people")), ("features", _("Different events")))
    labels = [d.isoformat() for d in every]
    chart = over_time(
        title=_("Active people a week") if weekly else _("Active people a day"),
        first=_("Week from") if weekly else _("Day"),
        labels=labels,
        series=[(label, [by_day.get(d, {}).get(name, 0) for d in every]) for name, label in names],
        size="m",
        axis=TimeAxis.of(every, each=7 if weekly else 1),
        definition=_(
            "Active: at least one product event in the calendar week; the first and last may be partial."
        )
        if weekly
        else _("Active: at least one product event on the day."),
    )
    chart.option["series"] = mark_unfinished(chart.option["series"], labels, len(labels) - 1)
    return chart


@register_panel
class TimelinePanel(Panel):
    """Everything that happened, the newest first."""

    name, title, permission = "timeline", _("Time line"), "timeline.view"
    slot, area, size, order = "account", "main", "xl", 30

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """The filters and the first page of lines."""
        actor = actor_of(request)
        context = time_line_context(request, subject, actor=actor)
        if actor.may("explore.view"):
            today = timezone.localdate(timezone.now())
            used = usage.features_of_account(account_id=subject.pk, day=today)
            context["ask"] = asking_about(subject, [one["name"] for one in used], actor=actor)
        return render_to_string("site/panels/timeline.html", context, request=request)


@register_panel
class PeoplePanel(Panel):
    """Who is there, and who of them is active."""

    name, title, permission = "people", _("People"), "people.view"
    slot, area, size, order = "account", "side", "m", 40

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Members of today: the active ones first; all on request."""
        today = timezone.localdate(timezone.now())
        active = usage.people_of_account(account_id=subject.pk, day=today)
        members = list(Membership.objects.filter(account=subject).valid_on(today).select_related("person"))
        rows = [
            {
                "member": m,
                "last": active.get(m.person_id, {}).get("last"),
                "days": active.get(m.person_id, {}).get("days", 0),
            }
            for m in members
        ]
        rows.sort(key=lambda r: (-(r["days"] or 0), str(r["member"].person)))
        shown = rows if request.GET.get("all") else rows[:PEOPLE_SHOWN]
        context = {
            "account": subject,
            "rows": shown,
            "total": len(rows),
            "active": sum(1 for r in rows if r["days"]),
            "left": len(rows) - len(shown),
            "card": AccountCard.objects.filter(pk=subject.pk).first(),
            "sees_money": actor_of(request).may("contracts.view"),
        }
        return render_to_string("site/panels/people.html", context, request=request)


@register_panel
class FollowUpsPanel(Panel):
    """Open questions and tasks, and the latest notes."""

    name, title, permission = "follow-ups", _("Follow-ups"), "follow_ups.view"
    slot, area, size, order = "account", "side", "s", 25

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Open ones by due day, then three notes."""
        rows = FollowUp.objects.filter(account=subject).select_related("author", "assignee")
        waiting = rows.filter(done_at=None).exclude(kind=FollowUp.Kind.NOTE)
        context = {
            "account": subject,
            "open": sorted(waiting[:50], key=lambda f: (f.due_on or date.max, f.at)),
            "notes": rows.filter(kind=FollowUp.Kind.NOTE)[:3],
            "today": timezone.localdate(timezone.now()),
            "may_edit": actor_of(request).may("follow_ups.edit"),
        }
        return render_to_string("site/panels/follow_ups.html", context, request=request)


@register_panel
class GroupPanel(Panel):
    """The account with everything below it, and their sum; empty for an account that stands alone."""

    name, title, permission = "group", _("Group"), "accounts.view"
    slot, area, size, order = "account", "main", "s", 15

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Members of the territory with their numbers, the group's own row first, and the roll-up."""
        actor = actor_of(request)
        rolled = group_of(account=subject, actor=actor)
        context = {
            "account": subject,
            "group": rolled,
            "sees_money": actor.may("contracts.view"),
            "sees_health": actor.may("health.view"),
        }
        return render_to_string("site/panels/group.html", context, request=request)
