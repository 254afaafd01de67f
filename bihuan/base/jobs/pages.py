"""What ran, what failed and why; retry and cancel."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, allow
from bihuan.base.bus.facts import title_of as title_of_fact
from bihuan.base.jobs import queue
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.registry import job_kinds, next_time
from bihuan.base.ui import (
    ActorColumn,
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    ListPage,
    NumberColumn,
    done,
    nav_entry,
)

STATE_KINDS = {"queued": "quiet", "running": "info", "done": "ok", "parked": "bad", "cancelled": "quiet"}


def title_of(row: Any) -> str:
    """What a person calls it: the job's title, or the reaction's name."""
    kind = job_kinds().get(row.name)
    if kind is not None:
        return str(kind.title)
    if row.kind != Job.REACTION:
        return str(row.name)
    what = title_of_fact(str(row.args.get("name", "")))
    step = str(row.name).rsplit(".", 1)[-1].replace("_", " ")
    return _("After “%(fact)s”: %(step)s") % {"fact": what, "step": step}


def retry(*, rows: Sequence[Any], by: Actor, at: Any, data: Any) -> Done:
    """Put the ticked rows that were given up back in the queue."""
    n = sum(queue.retry(row=row, at=at) for row in rows)
    return Done(text=ngettext("%(n)d job is tried again.", "%(n)d jobs are tried again.", n) % {"n": n})


def cancel(*, rows: Sequence[Any], by: Actor, at: Any, data: Any) -> Done:
    """Stop the ticked rows that have not ended."""
    n = sum(queue.cancel(row=row, at=at) for row in rows)
    return Done(text=ngettext("%(n)d job is stopped.", "%(n)d jobs are stopped.", n) % {"n": n})


class JobFilters(Filters):
    """What the list can be narrowed by."""

    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=Job.State.choices)
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"),
        choices=[("job", gettext_lazy("Job")), ("reaction", gettext_lazy("Reaction"))],
    )


class Jobs(ListPage):
    """All work behind the pages, the newest first."""

    name = "jobs"
    title = gettext_lazy("Jobs")
    permission = "jobs.view"
    template = "jobs/list.html"
    columns = (
        Column("title", gettext_lazy("What"), get=title_of, sort="name", pinned=True,
               link=lambda r: reverse("jobs:page", args=[r.pk])),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(Job.State.choices), kinds=STATE_KINDS, phone=True),
        NumberColumn("percent", gettext_lazy("Progress (%)"), get=lambda r: r.percent),
        NumberColumn("attempts", gettext_lazy("Tries")),
        AgoColumn("created_at", gettext_lazy("Asked for"), sort="id"),
        AgoColumn("ended_at", gettext_lazy("Ended"), sort=None),
        ActorColumn("by_name", gettext_lazy("By"), sort=None),
        Column("error", gettext_lazy("Why it failed"), get=lambda r: r.error.strip().rsplit("\n", 1)[-1][:120], sort=None),
    )  # fmt: skip
    search = ("name", "error", "by_name")
    filters = JobFilters
    default_sort = "-created_at"
    batch = (
        BatchAction(name="retry", title=gettext_lazy("Try again"), permission="jobs.operate", run=retry),
        BatchAction(name="cancel", title=gettext_lazy("Stop"), permission="jobs.operate", run=cancel),
    )
    empty = Empty(title=gettext_lazy("Nothing has run yet"),
                  text=gettext_lazy("Scoring, exports, imports and reactions appear here."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of it: only operators come here."""
        return Job.objects.all()

    def row_url(self, record: Any) -> str:
        """One row with its whole error."""
        return reverse("jobs:page", args=[record.pk])

    def context(self, *, request: HttpRequest, **route: Any) -> dict[str, Any]:
        """The schedule, and how many rows were given up."""
        now = timezone.localtime()
        schedule = [
            (kind.title, kind.every, next_time(every=kind.every, after=now),
             Job.objects.filter(name=kind.name, by_name="schedule").order_by("-id").first())
            for kind in job_kinds().values() if kind.every
        ]  # fmt: skip
        return {"schedule": schedule, "parked": Job.objects.filter(state=Job.State.PARKED).count()}


@allow("jobs.view")
def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One row: arguments, result, error."""
    row = get_object_or_404(Job, pk=pk)
    context = {"row": row, "title": title_of(row), "state_kind": STATE_KINDS[row.state],
               "can_retry": row.state in (Job.State.PARKED, Job.State.CANCELLED),
               "can_cancel": row.state in (Job.State.QUEUED, Job.State.RUNNING)}  # fmt: skip
    return render(request, "jobs/page.html", context)


@allow("jobs.operate")
@require_POST
def retry_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a row that was given up again."""
    ok = queue.retry(row=get_object_or_404(Job, pk=pk), at=timezone.now())
    text = _("It is tried again.") if ok else _("It was not given up, so there is nothing to try again.")
    return done(request, text, to=reverse("jobs:page", args=[pk]), kind="success" if ok else "error")


@allow("jobs.operate")
@require_POST
def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a row that has not ended."""
    ok = queue.cancel(row=get_object_or_404(Job, pk=pk), at=timezone.now())
    text = _("It stops at its next step.") if ok else _("It has ended already.")
    return done(request, text, to=reverse("jobs:page", args=[pk]), kind="success" if ok else "error")


nav_entry(
    "jobs",
    title=gettext_lazy("Jobs"),
    url="jobs:list",
    section="settings",
    permission="jobs.view",
    icon="clock",
)
