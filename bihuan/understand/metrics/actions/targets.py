"""Setting targets."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.understand.metrics.events import MetricTargetSet
from bihuan.understand.metrics.models import MetricTarget
from bihuan.understand.metrics.queries import known_metrics


@transaction.atomic
def set_target(
    *, metric: str, value: float | None, from_day: date, by: Actor, at: datetime, note: str = ""
) -> MetricTarget:
    """What the metric shall reach in periods that end on the day or later; None ends the target. Earlier ones are kept."""
    if metric not in known_metrics():
        raise ValidationError({"metric": _("There is no metric %(key)s.") % {"key": metric}})
    row = MetricTarget(metric=metric, value=value, from_day=from_day, note=note, set_by=by.name, set_at=at)
    row.full_clean()
    row.save()
    publish(MetricTargetSet(metric=metric, value=value, from_day=from_day.isoformat()), by=by, at=at)
    return row
