"""Reads of experiments that pages, REST and questions share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from bihuan.understand.experiments.models import Experiment, State
from bihuan.understand.experiments.rules import variant_of

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
