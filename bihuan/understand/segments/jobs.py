"""Scheduled work of segments."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.understand.segments.actions import count_segments


@job("segments.count", title=_("Count segments"), every="50 23 * * *")
def count(run: Run) -> None:
    """The size of every live segment, kept for the day."""
    day = timezone.localdate(run.at)
    failed = count_segments(day=day, by=run.by, at=run.at)
    run.result({"day": day.isoformat(), "failed": failed})
