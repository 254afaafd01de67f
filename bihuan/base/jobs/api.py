"""REST of jobs: what ran, what failed and why; retry and cancel."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow
from bihuan.base.jobs import queue
from bihuan.base.jobs.models import Job

router = Router(tags=["Operations"])


class JobOut(Schema):
    """A piece of work behind the pages."""

    id: int
    kind: str
    name: str
    state: str
    run_at: datetime
    attempts: int
    error: str
    done: int
    total: int | None
    by_name: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@router.get("/jobs", auth=Allow("jobs.view"), response=list[JobOut], summary="List jobs")
@paginate
def list_jobs(request: HttpRequest, state: str = "", name: str = "") -> Any:
    """The newest first; `state=parked` are those that were given up."""
    rows = Job.objects.order_by("-id")
    rows = rows.filter(state=state) if state else rows
    return rows.filter(name=name) if name else rows


@router.post("/jobs/{int:pk}/retry", auth=Allow("jobs.operate"), response=JobOut, summary="Try a job again")
def retry_job(request: HttpRequest, pk: int) -> Any:
    """422 when it was not given up."""
    row = get_object_or_404(Job, pk=pk)
    if not queue.retry(row=row, at=timezone.now()):
        raise ValidationError({"state": _("It was not given up, so there is nothing to try again.")})
    return Job.objects.get(pk=pk)


@router.post("/jobs/{int:pk}/cancel", auth=Allow("jobs.operate"), response=JobOut, summary="Stop a job")
def cancel_job(request: HttpRequest, pk: int) -> Any:
    """422 when it has ended."""
    row = get_object_or_404(Job, pk=pk)
    if not queue.cancel(row=row, at=timezone.now()):
        raise ValidationError({"state": _("It has ended, so there is nothing to stop.")})
    return Job.objects.get(pk=pk)
