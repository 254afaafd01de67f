"""One metric: its definition, what lies behind its value, targets and alerts; and its forms."""

from typing import Any

import numpy as np
import yaml
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.measures import measure, measures
from bihuan.base.metrics import Metric
from bihuan.base.ui import FormPage, refusals_at
from bihuan.base.ui.responses import done
from bihuan.know.accounts.models import Account
from bihuan.understand.metrics.actions import remove_metric, save_alert, save_metric, set_target
from bihuan.understand.metrics.forms import AlertForm, MetricForm, TargetForm
from bihuan.understand.metrics.models import MetricAlarm, MetricAlert, MetricTarget, OwnMetric
from bihuan.understand.metrics.pages.shown import (
    alarm_in_words,
    days_in,
    explorer_link,
    lines_of,
    period_of,
)
from bihuan.understand.metrics.queries import (
    Period,
    inputs_of,
    known_metrics,
    question_in,
    tree_of,
    values_as_of,
    written,
)

SHOWN = 50


def page_of(key: str) -> str:
    """The address of a metric."""
    return reverse("metrics:metric", args=[key])


def _metric(key: str) -> Metric:
    metrics = known_metrics()
    if key not in metrics:
        raise Http404
    return metrics[key]


@allow("metrics.view")
def metric_page(request: HttpRequest, key: str) -> HttpResponse:
    """From a number to its definition, and on to the accounts or the question behind it."""
    metric, metrics, actor, period = _metric(key), known_metrics(), actor_of(request), period_of(request)
    nodes = tree_of(core=key, period=period, actor=actor, at=timezone.now())
    everywhere = actor.reach == Reach.ALL
    context: dict[str, Any] = {
        "metric": metric, "line": lines_of(nodes)[0], "period": period, "days": days_in(period),
        "own": OwnMetric.objects.filter(key=key).first(), "may_edit": actor.may("metrics.edit"),
        "inputs": [metrics[name] for name in sorted(inputs_of(metric)) if name in metrics],
        "drives": [other for other in metrics.values() if key in other.drivers],
        "everywhere": everywhere,
    }  # fmt: skip
    if not metric.permission or actor.may(metric.permission):
        context |= _behind(metric, period=period, actor=actor)
        if everywhere:
            rows = MetricTarget.objects.filter(metric=key)
            context["targets"] = [(row, written(row.value, metric)) for row in rows]
            context["alerts"] = MetricAlert.objects.filter(metric=key)
            alarms = MetricAlarm.objects.filter(metric=key)[:SHOWN]
            context["alarms"] = [(row, alarm_in_words(row, metric)) for row in alarms]
    return render(request, "metrics/metric.html", context)


def _behind(metric: Metric, *, period: Period, actor: Actor) -> dict[str, Any]:
    """The question and where it opens, or the accounts with the most of a measure."""
    if metric.question:
        question = question_in(metric, period)
        told = yaml.safe_dump(question, allow_unicode=True, sort_keys=False)
        return {"question": told, "explorer": explorer_link(question)}
    if metric.measure not in measures():
        return {}
    of = measure(metric.measure)
    visible = Account.objects.visible_to(actor)
    found = values_as_of(day=period.last, names=[of.name], account_ids=visible.values_list("pk", flat=True))
    column = found.by_measure[of.name]
    order = np.argsort(-column)[: int((~np.isnan(column)).sum())][:SHOWN]
    names = dict(visible.filter(pk__in=found.account_ids[order].tolist()).values_list("pk", "name"))
    each = Metric(key=of.name, title=of.title, definition=of.definition, kind=of.kind)
    rows = [
        (int(found.account_ids[n]), names[int(found.account_ids[n])], written(float(column[n]), each))
        for n in order
    ]
    return {"of": of, "accounts": rows, "accounts_with_a_value": int((~np.isnan(column)).sum())}


class NewMetric(FormPage):
    """Define a metric."""

    name, title, permission, form = "metric", gettext_lazy("New metric"), "metrics.edit", MetricForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Save it."""
        return _("Saved."), page_of(save_metric(metric=form.save(commit=False), by=by, at=at).key)


class EditMetric(NewMetric):
    """Define it differently."""

    title = gettext_lazy("Change metric")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """One of our own; what an app declares is changed in its code."""
        return get_object_or_404(OwnMetric, key=route["key"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The form is about it."""
        return {"instance": subject}


@allow("metrics.edit")
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Forget a metric of our own."""
    with refusals_at(page_of(key)):
        remove_metric(metric=get_object_or_404(OwnMetric, key=key), by=actor_of(request), at=timezone.now())
    return done(request, _("Removed."), to=reverse("metrics:list"))


class NewTarget(FormPage):
    """Set the target of a metric."""

    name, title, permission, form = "target", gettext_lazy("Set target"), "metrics.edit", TargetForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The metric."""
        return _metric(route["key"])

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Set it."""
        set_target(metric=subject.key, by=by, at=at, **form.cleaned_data)
        return _("Saved."), page_of(subject.key)


class NewAlert(FormPage):
    """Say when to alarm."""

    name, title, permission, form = "alert", gettext_lazy("New alert"), "metrics.edit", AlertForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """An alert of the metric, not saved yet."""
        return MetricAlert(metric=_metric(route["key"]).key)

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The form is about it."""
        return {"instance": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Save it."""
        return _("Saved."), page_of(save_alert(alert=form.save(commit=False), by=by, at=at).metric)


class EditAlert(NewAlert):
    """Change when to alarm, or pause it."""

    title = gettext_lazy("Change alert")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The alert."""
        return get_object_or_404(MetricAlert, pk=route["pk"])
