"""One experiment: what to do about it and why, its numbers, its buttons, and what the product asks."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.ui import Undo, done, refusals_at, undoable
from bihuan.capture.store import StoreError
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.experiments import actions
from bihuan.understand.experiments.models import Experiment, Method, State
from bihuan.understand.experiments.pages.drawing import came, forest
from bihuan.understand.experiments.pages.lists import STATE_KINDS, page_of
from bihuan.understand.experiments.queries import EXPOSED, find, headline, question_of, reasons, written
from bihuan.understand.explore.queries import ask
from bihuan.understand.explore.said import in_words

ACTIONS = {"repair": (pgettext_lazy("advice", "Repair"), "bad"), "ship": (pgettext_lazy("advice", "Ship"), "ok"),
           "stop": (pgettext_lazy("advice", "Stop"), "warn"), "wait": (pgettext_lazy("advice", "Wait"), "info")}  # fmt: skip


@allow("experiments.view")
def experiment_page(request: HttpRequest, key: str) -> HttpResponse:
    """A draft with its plan; one that was started with what came of it."""
    actor, experiment = (
        actor_of(request),
        get_object_or_404(Experiment.objects.select_related("product"), key=key),
    )
    at = timezone.now()
    context: dict[str, Any] = {
        "experiment": experiment, "may_edit": actor.may("experiments.edit"),
        "state_kind": STATE_KINDS.get(experiment.state, ""),
        "running": experiment.state == State.RUNNING, "draft": experiment.state == State.DRAFT,
        "snippets": snippets(request, experiment), "planned": [_planned(metric) for metric in experiment.metrics],
        "everywhere": actor.reach == Reach.ALL, "bayesian": experiment.method == Method.BAYESIAN,
    }  # fmt: skip
    if not context["draft"]:
        context |= _what_came(experiment, actor=actor, at=at)
    return render(request, "experiments/page.html", context)


def _what_came(experiment: Experiment, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The answer for a reader, or why there is none."""
    question = question_of(experiment, at=at)
    link = f"/explore/?{urlencode({'q': json.dumps({'kind': 'experiment', 'experiment': experiment.key})})}"
    try:
        found = find(experiment, actor=actor, at=at)
        by_day = ask(question={
            "kind": "trend", "measure": "accounts" if experiment.unit == "account" else "people", "event": EXPOSED,
            "where": question["exposure"]["where"], "by": "props.variant", "every": "day", "period": question["period"],
        }, actor=actor, at=at)  # fmt: skip
    except PermissionDenied:
        return {"trouble": _("You may not ask questions of the events.")}
    except QuestionError as error:
        return {"trouble": f"{error.field}: {in_words(error.message)}"}
    except StoreError:
        return {"trouble": _("Events cannot be read now")}
    return {
        "found": found, "headline": headline(experiment, found), "reasons": reasons(experiment, found),
        "action": ACTIONS[found.advice.action][0] if experiment.state == State.RUNNING else pgettext("experiment", "Ended"),
        "action_kind": ACTIONS[found.advice.action][1] if experiment.state == State.RUNNING else "",
        "explorer": link,
        "suggested": found.advice.variant if found.advice.action == "ship" else experiment.control,
        "rows": [
            (row, *(written(one, kind=row.kind, sign=sign) for one, sign in (
                (row.value, False), (row.difference, True), (row.low, True), (row.high, True), (row.loss, False))))
            for row in found.metrics
        ],
        "forest": forest(found.metrics, bayesian=experiment.method == Method.BAYESIAN), "by_day": came(by_day),
        "lines": [in_words(line) for line in found.answer.definition],
        "share_done": min(found.units / experiment.planned, 1.0),
    }  # fmt: skip


def snippets(request: HttpRequest, experiment: Experiment) -> list[tuple[str, str]]:
    """(title, text) of what a product does: ask, show, tell."""
    address = request.build_absolute_uri(f"/api/v1/experiments/{experiment.key}/assignment")
    shell = f'curl -H "Authorization: Bearer $BIHUAN_TOKEN" "{address}?unit=A-1"'
    script = f"""const answer = await fetch("{address}?unit=" + encodeURIComponent(unit),
  {{ headers: {{ Authorization: "Bearer " + token }} }});
const {{ variant, running }} = await answer.json();
show(variant);
if (running) track("{EXPOSED}", {{ experiment: "{experiment.key}", variant }});"""
    return [("curl", shell), ("JavaScript", script)]


def _planned(metric: dict[str, Any]) -> tuple[str, str]:
    """A metric's name and what is counted, as it was planned."""
    return metric["name"], json.dumps({k: v for k, v in metric.items() if k != "name"}, ensure_ascii=False)


@allow("experiments.edit")
@require_POST
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Tell products variants from now on."""
    experiment = get_object_or_404(Experiment, key=key)
    with refusals_at(page_of(experiment)):
        actions.start_experiment(experiment=experiment, by=actor_of(request), at=timezone.now())
    way_back = Undo(name="experiments.withdraw", args={"key": key})
    return done(request, _("It runs; its plan no longer changes."), to=page_of(experiment), undo=way_back)


@allow("experiments.edit")
@require_POST
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Give everybody the chosen variant from now on."""
    experiment, chosen = get_object_or_404(Experiment, key=key), request.POST.get("chosen", "")
    with refusals_at(page_of(experiment)):
        actions.stop_experiment(experiment=experiment, chosen=chosen, by=actor_of(request), at=timezone.now())
    text = _("Stopped; everybody gets “%(name)s”.") % {"name": chosen or experiment.control}
    return done(
        request, text, to=page_of(experiment), undo=Undo(name="experiments.resume", args={"key": key})
    )


@undoable("experiments.withdraw", permission="experiments.edit")
def withdraw(*, by: Actor, at: datetime, key: str) -> str:
    """A draft again, unless somebody has seen a variant meanwhile."""
    try:
        actions.withdraw_experiment(experiment=get_object_or_404(Experiment, key=key), by=by, at=at)
    except ValidationError as error:
        return " ".join(error.messages)
    except StoreError:
        return _("Events cannot be read right now")
    return _("It is a draft again.")


@undoable("experiments.resume", permission="experiments.edit")
def resume(*, by: Actor, at: datetime, key: str) -> str:
    """Running again, unless somebody was faster."""
    try:
        actions.resume_experiment(experiment=get_object_or_404(Experiment, key=key), by=by, at=at)
    except ValidationError as error:
        return " ".join(error.messages)
    return _("It runs on.")
