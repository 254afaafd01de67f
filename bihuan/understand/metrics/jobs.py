"""Scheduled work of the metrics room."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.understand.metrics.actions import look_for_alarms


@job("metrics.alerts", title=_("Look for metrics out of order"), every="10 5 * * *")
def alerts(run: Run) -> None:
    """Every night, of the day that is over."""
    day = timezone.localdate(run.at) - timedelta(days=1)
    run.result({"alarms": look_for_alarms(day=day, by=run.by, at=run.at), "day": day.isoformat()})
