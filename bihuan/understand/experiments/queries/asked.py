"""Experiments as questions, and what a product is told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.experiment import FIELDS, plans_of_experiment, read_experiment, shape_found
from bihuan.understand.engine.fields import schema_of
from bihuan.understand.engine.kinds import EventKind
from bihuan.understand.experiments.models import Experiment, State
from bihuan.understand.experiments.rules import Advice, advice_of, variant_of
from bihuan.understand.explore.event_kinds import answer_events
from bihuan.understand.explore.registry import Kind, register_kind

#: The event by which a product tells what it showed, with `experiment` and `variant` in its properties.
EXPOSED = "experiment_exposed"


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What a product shall show to a unit. Only while it is `running` is showing it an exposure that it tells."""

    experiment: str
    unit: str
    variant: str
    running: bool


def assignment_of(experiment: Experiment, *, unit: str) -> Assignment:
    """While it runs the variant by the rule; before, the control; afterwards the chosen one, or the control."""
    running = experiment.state == State.RUNNING
    if running:
        variant = variant_of(key=experiment.key, unit=unit, variants=experiment.weights)
    else:
        variant = experiment.chosen or experiment.control
    return Assignment(experiment=experiment.key, unit=unit, variant=variant, running=running)


def question_of(experiment: Experiment, *, at: datetime) -> dict[str, Any]:
    """The experiment as a question (`kind: experiment`), from its start to its stop or to `at`."""
    first = timezone.localdate(experiment.started_at or at)
    last = timezone.localdate(experiment.stopped_at or at)
    question: dict[str, Any] = {
        "kind": "experiment", "experiment": experiment.key, "unit": experiment.unit,
        "exposure": {
            "event": EXPOSED, "where": f'props.experiment == "{experiment.key}"', "variant": "props.variant",
        },
        "variants": dict(experiment.weights), "metrics": experiment.metrics, "method": experiment.method,
        "planned": experiment.planned, "period": {"from": first.isoformat(), "to": last.isoformat()},
    }  # fmt: skip
    if experiment.cuped_days:
        question["cuped"] = f"{experiment.cuped_days}d"
    if experiment.matters:
        question["matters"] = experiment.matters
    return question


def advice_on(answer: Answer, *, planned: int, matters: float | None) -> Advice:
    """What to do, from the summary of an answer."""
    summary = answer.summary
    return advice_of(
        verdicts=summary["verdicts"], units=summary["units"], method=summary["method"], planned=planned,
        matters=matters, weights=weights_of(answer.question.get("variants")),
    )  # fmt: skip


def weights_of(variants: Any) -> tuple[int, ...]:
    """Of the variants of a question; nothing when it says none."""
    given = variants.values() if isinstance(variants, Mapping) else ()
    return tuple(weight for weight in given if isinstance(weight, int) and weight > 0)


EXAMPLE = """kind: experiment
unit: account
exposure: {event: form_shown, variant: props.group}
variants: {control: 1, new_form: 1}
metrics:
  - {name: subscribed, kind: conversion, event: subscribe, within: 14d}
  - {name: tickets, kind: mean, event: ticket_opened, guard: true, higher_is_better: false}
method: sequential
period: {last: 28d}
"""
KIND = EventKind(
    name="experiment",
    read=read_experiment,
    plans=plans_of_experiment,
    shape=shape_found,
    fields=FIELDS,
    example=EXAMPLE,
)


def answer_experiment(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """What came of an experiment: of one that runs here when `experiment` names it, what else is said taking precedence. Of one
    that runs here the summary also has `advice`: what to do and why, by the names of `rules.Advice`."""
    key, row = question.get("experiment"), None
    if isinstance(key, str) and "exposure" not in question:
        row = Experiment.objects.filter(key=key).first()
        if row is None or not actor.may("experiments.view"):
            raise QuestionError("experiment", f"there is no experiment {key!r}")
        question = question_of(row, at=at) | dict(question)
    answer = answer_events(KIND, question=question, actor=actor, at=at)
    if row is None or question.get("list") is not None:
        return answer
    advice = advice_on(answer, planned=int(question["planned"]), matters=question.get("matters"))
    told = {name: value for name, value in asdict(advice).items() if value not in ("", None)}
    return replace(answer, summary=answer.summary | {"advice": told})


register_kind(Kind(
    name=KIND.name, permission="explore.view", answer=answer_experiment, example=EXAMPLE, fields=FIELDS,
    schema=schema_of(KIND.name, FIELDS),
))  # fmt: skip
