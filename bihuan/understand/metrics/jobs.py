"""Scheduled work of the metrics room."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.understand.metrics.actions import keep_stages, look_for_alarms
from bihuan.understand.metrics.queries import to_count


@job("metrics.alerts", title=_("Look for metrics out of order"), every="10 5 * * *")
def alerts(run: Run) -> None:
    """Every night, of the day that is over."""
    day = timezone.localdate(run.at) - timedelta(days=1)
    run.result({"alarms": look_for_alarms(day=day, by=run.by, at=run.at), "day": day.isoformat()})


@job("metrics.stages", title=_("Count the stages of products"), every="7 * * * *")
def stages(run: Run) -> None:
    """Every hour, of the day that is over: products that are not counted for it yet, and those whose rules, events or revenue
    changed since. The first run after midnight counts them all."""
    day = timezone.localdate(run.at) - timedelta(days=1)
    number = keep_stages(day=day, products=to_count(day=day), by=run.by, at=run.at)
    run.result({"products": number, "day": day.isoformat()})
