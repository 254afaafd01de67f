"""Alerts on metrics, and looking for what is out of order."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.metrics import Metric
from bihuan.understand.metrics.events import MetricAlerted, MetricAlertSaved
from bihuan.understand.metrics.models import MetricAlarm, MetricAlert
from bihuan.understand.metrics.queries import Period, known_metrics, values_in
from bihuan.understand.metrics.rules import (
    WEEKS,
    Alarm,
    alarm_of_change,
    alarm_of_season,
    alarm_of_threshold,
)


@transaction.atomic
def save_alert(*, alert: MetricAlert, by: Actor, at: datetime) -> MetricAlert:
    """Add or change it; ValidationError names the field that is wrong."""
    if not alert.pk:
        alert.created_at = at
    alert.full_clean()
    if alert.metric not in known_metrics():
        raise ValidationError({"metric": _("There is no metric %(key)s.") % {"key": alert.metric}})
    if alert.rule == MetricAlert.Rule.THRESHOLD and alert.above is None and alert.below is None:
        raise ValidationError({"above": _("Write a bound above or below which to alarm.")})
    if None not in (alert.above, alert.below) and alert.above < alert.below:  # type: ignore[operator]
        raise ValidationError({"above": _("The upper bound lies below the lower one.")})
    if alert.rule == MetricAlert.Rule.CHANGE and alert.change is None:
        raise ValidationError({"change": _("Write from which change on to alarm.")})
    alert.save()
    fact = MetricAlertSaved(alert_id=alert.pk, metric=alert.metric, rule=alert.rule, active=alert.active)
    publish(fact, by=by, at=at)
    return alert


def look_for_alarms(*, day: date, by: Actor, at: datetime) -> int:
    """Raise what is out of order on a day that is over, of every account; how many alarms. Asking again for the same day raises
    nothing twice, and an alert that alarmed is quiet for its days."""
    metrics = known_metrics()
    raised = 0
    for alert in MetricAlert.objects.filter(active=True):
        if alert.metric in metrics and not _quiet(alert, day=day):
            found = _alarm_of(alert, metrics, day=day, by=by, at=at)
            raised += found is not None and _raise(alert, found, day=day, by=by, at=at)
    return raised


def _quiet(alert: MetricAlert, *, day: date) -> bool:
    """Whether it alarmed on the day, or within its days of quiet."""
    since = day - timedelta(days=alert.cooldown_days)
    return alert.alarms.filter(day__gte=since, day__lte=day).exists()  # type: ignore[attr-defined]


def _alarm_of(
    alert: MetricAlert, metrics: dict[str, Metric], *, day: date, by: Actor, at: datetime
) -> Alarm | None:
    def value(period: Period) -> float | None:
        return values_in(keys=[alert.metric], metrics=metrics, period=period, actor=by, at=at)[
            alert.metric
        ].value

    if alert.rule == MetricAlert.Rule.SEASON:
        weekdays = [day - timedelta(weeks=n) for n in range(1, WEEKS + 1)]
        past = [value(Period(first=one, last=one)) for one in weekdays]
        return alarm_of_season(value=value(Period(first=day, last=day)), past=past, k=alert.k)
    period = Period.of(days=alert.days, last=day)
    if alert.rule == MetricAlert.Rule.CHANGE:
        assert alert.change is not None
        return alarm_of_change(before=value(period.before), now=value(period), share=alert.change / 100)
    return alarm_of_threshold(value=value(period), above=alert.above, below=alert.below)


@transaction.atomic
def _raise(alert: MetricAlert, found: Alarm, *, day: date, by: Actor, at: datetime) -> bool:
    """Keep and tell it, once a day."""
    fields = {
        "metric": alert.metric,
        "side": found.side,
        "value": found.value,
        "bound": found.bound,
        "raised_at": at,
    }
    _row, new = MetricAlarm.objects.get_or_create(alert=alert, day=day, defaults=fields)
    if new:
        fact = MetricAlerted(
            alert_id=alert.pk, metric=alert.metric, rule=alert.rule, day=day.isoformat(), side=found.side,
            value=found.value, bound=found.bound,
        )  # fmt: skip
        publish(fact, by=by, at=at)
    return new
