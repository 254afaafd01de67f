"""Pages of ingest: the events that were not taken, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    AgoColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    FormPage,
    ListPage,
    nav_entry,
)
from bihuan.capture.ingest.actions import Replayed, correct, replay
from bihuan.capture.ingest.forms import BodyForm
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.ingest.queries import ended_at, in_content
from bihuan.capture.ingest.rules.steps import STEPS
from bihuan.capture.sources.models import Source


class RejectFilters(Filters):
    """What the list can be narrowed by."""

    source = django_filters.ModelChoiceFilter(label=gettext_lazy("Source"), queryset=Source.objects.all())
    step = django_filters.MultipleChoiceFilter(label=gettext_lazy("Step"), choices=[(s, s) for s in STEPS])
    code = django_filters.CharFilter(label=gettext_lazy("Code"))
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Received"))


def replay_rows(*, rows: Sequence[Any], by: Actor, at: datetime, data: dict[str, Any]) -> Done:
    """Send the ticked ones through the steps again."""
    ids = [row.pk for row in rows]
    rejects = RejectedEvent.objects.filter(pk__in=ids).select_related("source")
    result = replay(rejects=list(rejects), by=by, at=at)
    return Done(text=told(result), kind="warning" if result.still_rejected else "success")


def told(result: Replayed) -> str:
    """What a replay did, in a sentence."""
    return _("%(stored)d stored, %(rejected)d still rejected.") % {
        "stored": result.stored, "rejected": result.still_rejected,
    }  # fmt: skip


class RejectedEvents(ListPage):
    """Events that a step refused, newest first."""

    name = "rejected_events"
    title = gettext_lazy("Rejected events")
    permission = "rejects.view"
    columns = (
        Column(
            "name", gettext_lazy("Event"), pinned=True, link=lambda r: reverse("ingest:rejected", args=[r.pk])
        ),
        Column("reason", gettext_lazy("Reason"), phone=True),
        Column("source", gettext_lazy("Source"), get="source.name"),
        AgoColumn("at", gettext_lazy("Received"), phone=True),
        Column("distinct_id", gettext_lazy("Distinct id")),
        Column("code", gettext_lazy("Code"), hidden=True),
        Column("step", gettext_lazy("Step"), hidden=True),
    )
    search = ("name", "reason", "distinct_id")
    search_hint = gettext_lazy("Search, also in what was sent")
    filters = RejectFilters
    default_sort = "-at"
    batch = (
        BatchAction(
            name="replay",
            title=gettext_lazy("Replay"),
            permission="rejects.replay",
            run=replay_rows,
            icon="refresh",
        ),
    )
    template = "ingest/rejected_list.html"
    empty = Empty(
        title=gettext_lazy("Nothing was rejected"), text=gettext_lazy("Every event that came was good.")
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them: a rejected event belongs to no account."""
        return RejectedEvent.objects.select_related("source").defer("body")

    def context(self, *, request: HttpRequest, **route: Any) -> dict[str, Any]:
        """How long they are kept."""
        return {"kept_days": settings.REJECTED_DAYS}

    def matching(self, word: str) -> Q:
        """Also in what was sent."""
        return super().matching(word) | in_content(word)

    def row_url(self, record: Any) -> str:
        """The event with what was sent."""
        return reverse("ingest:rejected", args=[record.pk])


@allow("rejects.view")
def rejected_event(request: HttpRequest, pk: int) -> HttpResponse:
    """One rejected event with what the sender sent of it."""
    event = get_object_or_404(RejectedEvent.objects.select_related("source"), pk=pk)
    may_replay = actor_of(request).may("rejects.replay")
    return render(request, "ingest/rejected.html", {"event": event, "may_replay": may_replay})


class CorrectRejected(FormPage):
    """Correct what was sent, and replay it."""

    name, title, permission, form = (
        "rejected_event",
        gettext_lazy("Correct and replay"),
        "rejects.replay",
        BodyForm,
    )
    submit = gettext_lazy("Replay")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The rejected event."""
        return get_object_or_404(RejectedEvent.objects.select_related("source"), pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The form is about it."""
        return {"instance": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Keep the correction and send it through the steps."""
        address = reverse("ingest:rejected", args=[subject.pk])
        result = correct(reject=subject, body=form.cleaned_data["body"], by=by, at=at)
        return told(result), address if result.still_rejected else reverse("ingest:rejected_list")


@allow("rejects.view")
def counts(request: HttpRequest) -> HttpResponse:
    """Where events ended in the last seven days, by step, source and code."""
    rows = ended_at(since=timezone.now() - timedelta(days=7))
    return render(request, "ingest/counts.html", {"rows": rows, "steps": STEPS})


nav_entry("rejected_events", title=gettext_lazy("Rejected events"), url="ingest:rejected_list",
          section="data", permission="rejects.view", icon="ban", order=30)  # fmt: skip
