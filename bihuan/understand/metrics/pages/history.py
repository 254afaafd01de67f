"""The history of a metric: its value in the period shown and in those before it, with what happened on their days."""

from dataclasses import replace
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.metrics import Metric
from bihuan.base.ui.charts import Chart, TimeAxis, over_time
from bihuan.understand.annotations.queries import annotated
from bihuan.understand.metrics.pages.shown import in_days, period_of
from bihuan.understand.metrics.queries import Period, history_of, known_metrics, written

PERIODS = 8


@allow("metrics.view")
@require_GET
def history(request: HttpRequest, key: str) -> HttpResponse:
    """The chart as a fragment; a sentence when there is no value at all."""
    metrics, actor, period = known_metrics(), actor_of(request), period_of(request)
    if key not in metrics:
        raise Http404
    chart = _chart(metrics[key], period, actor=actor)
    return render(request, "metrics/parts/history.html", {"chart": chart})


def _chart(metric: Metric, period: Period, *, actor: Actor) -> Chart | None:
    found = history_of(metric=metric.key, period=period, periods=PERIODS, actor=actor, at=timezone.now())
    if all(value.value is None for _period, value in found):
        return None
    firsts = [one.first for one, _value in found]
    length = (period.last - period.first + timedelta(days=1)).days
    shown = [
        None if one.value is None else round(one.value * (100 if metric.kind == "percent" else 1), 4)
        for _p, one in found
    ]
    chart = over_time(
        title=_("History"), first=_("From"), labels=[first.isoformat() for first in firsts], series=[(metric.title, shown)],
        axis=TimeAxis.of(firsts, each=length),
        definition=_("Periods of %(days)s; each stands on its first day.") % {"days": in_days(length)},
    )  # fmt: skip
    chart.option["yAxis"].pop("minInterval")
    if metric.kind == "percent":
        chart.option["yAxis"]["axisLabel"] = {"formatter": "{value}%"}
    rows = [[one.first.isoformat(), written(value.value, metric)] for one, value in found]
    return annotated(replace(chart, rows=rows), actor=actor)
