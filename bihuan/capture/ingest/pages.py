"""Pages of ingest: the events that were not taken, and why."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, allow
from bihuan.base.ui import AgoColumn, Column, Empty, Filters, ListPage, nav_entry
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.sources.models import Source


class RejectFilters(Filters):
    """What the list can be narrowed by."""

    source = django_filters.ModelChoiceFilter(label=gettext_lazy("Source"), queryset=Source.objects.all())
    code = django_filters.CharFilter(label=gettext_lazy("Code"))
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Received"))


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
    filters = RejectFilters
    default_sort = "-at"
    empty = Empty(
        title=gettext_lazy("Nothing was rejected"), text=gettext_lazy("Every event that came was good.")
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them: a rejected event belongs to no account."""
        return RejectedEvent.objects.select_related("source").defer("body")

    def row_url(self, record: Any) -> str:
        """The event with what was sent."""
        return reverse("ingest:rejected", args=[record.pk])


@allow("rejects.view")
def rejected_event(request: HttpRequest, pk: int) -> HttpResponse:
    """One rejected event with what the sender sent of it."""
    event = get_object_or_404(RejectedEvent.objects.select_related("source"), pk=pk)
    return render(request, "ingest/rejected.html", {"event": event})


nav_entry("rejected_events", title=gettext_lazy("Rejected events"), url="ingest:rejected_list",
          section="settings", permission="rejects.view", icon="ban", order=35)  # fmt: skip
