"""Defining metrics of one's own."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import kept, publish
from bihuan.base.measures import measures
from bihuan.base.metrics import Metric, declared_metrics
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.metrics.events import MetricRemoved, MetricSaved
from bihuan.understand.metrics.models import OwnMetric
from bihuan.understand.metrics.queries import Period, branches_of, inputs_of, known_metrics, values_in
from bihuan.understand.metrics.rules import walk

TOLD = ("title", "definition", "unit", "kind", "higher_is_better", "layer", "question", "pick", "measure", "over",
        "formula", "how", "drivers")  # fmt: skip
MOST_DRIVERS = 12


@transaction.atomic
def save_metric(*, metric: OwnMetric, by: Actor, at: datetime) -> OwnMetric:
    """Define it, or define it differently when it is stored already; its key stays. ValidationError names the field."""
    stored = OwnMetric.objects.select_for_update().filter(pk=metric.pk).first() if metric.pk else None
    if stored is not None:
        metric.key = stored.key
    metric.updated_at = at
    _check(metric, by=by, at=at)
    before = {name: kept(getattr(stored, name)) for name in TOLD} if stored else {}
    after = {name: kept(getattr(metric, name)) for name in TOLD}
    if before == after:
        return metric
    metric.save()
    changed = [name for name in TOLD if before.get(name) != after[name]]
    fact = MetricSaved(
        metric=metric.key,
        before={n: before[n] for n in changed if n in before},
        after={n: after[n] for n in changed},
    )
    publish(fact, by=by, at=at)
    return metric


@transaction.atomic
def remove_metric(*, metric: OwnMetric, by: Actor, at: datetime) -> None:
    """Forget the definition; ValidationError while another metric is made of it."""
    users = [other for other in known_metrics().values() if metric.key in {*inputs_of(other), *other.drivers}]
    if users:
        told = ", ".join(str(other.title) for other in users)
        raise ValidationError(_("Others are made of it: %(metrics)s.") % {"metrics": told})
    metric.delete()
    publish(MetricRemoved(metric=metric.key), by=by, at=at)


def _check(row: OwnMetric, *, by: Actor, at: datetime) -> None:
    """The fields, one source that has a value, and no circle."""
    row.full_clean()
    if row.key in declared_metrics():
        raise ValidationError({"key": _("An app has declared a metric with this key.")})
    given = [name for name in ("question", "measure", "formula") if getattr(row, name)]
    if len(given) != 1:
        raise ValidationError({(given or ["formula"])[-1]: _("Write one of question, measure and formula.")})
    metrics = known_metrics()
    _check_drivers(row, metrics)
    _check_source(row, metrics, by=by, at=at)


def _check_drivers(row: OwnMetric, metrics: Mapping[str, Metric]) -> None:
    drivers = row.drivers
    if (
        not isinstance(drivers, list)
        or len(drivers) > MOST_DRIVERS
        or len(set(map(str, drivers))) < len(drivers)
    ):
        raise ValidationError({"drivers": _("Write up to 12 different keys of metrics.")})
    for key in drivers:
        if key not in metrics:
            raise ValidationError({"drivers": _("There is no metric %(key)s.") % {"key": key}})
    try:
        list(walk(row.key, branches_of({**metrics, row.key: row.metric()})))
    except ValueError as error:
        raise ValidationError({"drivers": _("It would drive itself: %(path)s.") % {"path": error}}) from None


def _check_source(row: OwnMetric, metrics: Mapping[str, Metric], *, by: Actor, at: datetime) -> None:
    """It is asked once, of yesterday: what is wrong is told now, not tonight."""
    if row.measure and row.measure not in measures():
        raise ValidationError({"measure": _("There is no such measure.")})
    if row.question and not isinstance(row.question, dict):
        raise ValidationError({"question": _("Write a question such as kind: trend.")})
    for name in ("period", "as_of"):
        if row.question and name in row.question:
            raise ValidationError(
                {"question": _("Leave %(name)s out: the period is chosen by the reader.") % {"name": name}}
            )
    try:
        names = inputs_of(row.metric())
    except QuestionError as error:
        raise ValidationError({"formula": error.message}) from None
    for key in names - {*metrics, row.key}:
        raise ValidationError({"formula": _("There is no metric %(key)s.") % {"key": key}})
    if row.key in _all_inputs(row.metric(), metrics):
        raise ValidationError({"formula": _("It speaks of itself.")})
    yesterday = Period.of(days=1, last=timezone.localdate(at) - timedelta(days=1))
    found = values_in(
        keys=[row.key], metrics={**metrics, row.key: row.metric()}, period=yesterday, actor=by, at=at
    )
    reason = found[row.key].reason
    if reason == "forbidden":
        reason = _("You may not ask this.")
    if reason and reason != "unavailable":
        raise ValidationError(
            {"question" if row.question else "measure" if row.measure else "formula": reason}
        )


def _all_inputs(metric: Metric, metrics: Mapping[str, Metric]) -> set[str]:
    """The keys that its formula speaks of, and those that theirs do."""
    found: set[str] = set()
    waiting = list(inputs_of(metric))
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += inputs_of(metrics[key]) if key in metrics and key != metric.key else []
    return found
