"""The metric tree, and the list of metrics."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.base.access import Reach, actor_of, allow
from bihuan.base.ui import nav_entry
from bihuan.understand.metrics.models import Layer, MetricAlarm, OwnMetric
from bihuan.understand.metrics.pages.products import stage_rows
from bihuan.understand.metrics.pages.shown import (
    LENGTHS,
    alarm_in_words,
    days_in,
    in_days,
    lines_of,
    period_of,
    told_why,
)
from bihuan.understand.metrics.queries import cores, known_metrics, tree_of

SHOWN_ALARMS = 10


@allow("metrics.view")
def tree(request: HttpRequest) -> HttpResponse:
    """A core metric, what drives it, and what each driver contributed to its change."""
    actor, period, tops = actor_of(request), period_of(request), cores()
    asked = request.GET.get("core") or next(iter(tops), "")
    try:
        nodes = tree_of(core=asked, period=period, actor=actor, at=timezone.now())
    except KeyError:
        raise Http404 from None
    lines = lines_of(nodes)
    metrics = known_metrics()
    choices = {key: metric.title for key, metric in tops.items()} | {asked: metrics[asked].title}
    context = {
        "lines": lines, "core": lines[0], "choices": choices, "period": period, "before": period.before,
        "days": days_in(period), "lengths": [(n, in_days(n)) for n in LENGTHS], "why": told_why(lines),
        "may_edit": actor.may("metrics.edit"), "alarms": [],
        "stages": stage_rows(actor=actor, day=period.last),
    }  # fmt: skip
    if actor.reach == Reach.ALL:  # an alarm's numbers are of every account
        allowed = [
            key for key, metric in metrics.items() if not metric.permission or actor.may(metric.permission)
        ]
        rows = MetricAlarm.objects.filter(metric__in=allowed)[:SHOWN_ALARMS]
        context["alarms"] = [
            (row, metrics[row.metric], alarm_in_words(row, metrics[row.metric])) for row in rows
        ]
    return render(request, "metrics/tree.html", context)


@allow("metrics.view")
def listed(request: HttpRequest) -> HttpResponse:
    """Every metric: what it is and where its value comes from."""
    own = set(OwnMetric.objects.values_list("key", flat=True))
    layers = dict(Layer.choices)
    rows = [(metric, layers[metric.layer], key in own) for key, metric in known_metrics().items()]
    may_edit = actor_of(request).may("metrics.edit")
    return render(request, "metrics/list.html", {"rows": rows, "may_edit": may_edit})


nav_entry("metrics", title=gettext_lazy("Metrics"), url="metrics:tree", section="insight", permission="metrics.view",
          icon="sitemap", order=5)  # fmt: skip
