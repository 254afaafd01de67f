"""What came of an experiment, ready to be read: units, metrics and the advice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from django.utils import timezone

from bihuan.base.access import Actor, system_actor
from bihuan.understand.engine.answer import Answer
from bihuan.understand.experiments.models import Experiment, State
from bihuan.understand.experiments.queries.asked import EXPOSED, question_of
from bihuan.understand.experiments.rules import LEVEL, Advice
from bihuan.understand.explore.queries import ask
from bihuan.understand.stats.multiple import level_of_each


@dataclass(frozen=True, kw_only=True)
class VariantFound:
    """How many units saw a variant, and how many should have by the weights. `share` of all units."""

    name: str
    weight: int
    units: int
    expected: float
    share: float | None


@dataclass(frozen=True, kw_only=True)
class MetricFound:
    """One metric of one variant against the control, by the columns of the answer; None: it does not exist. `relative` and its
    bounds are shares of the control's value. `p` is corrected for the other variants, and `bar` is the chance that decides."""

    metric: str
    kind: str
    role: str
    variant: str
    higher_is_better: bool
    units: int
    value: float | None
    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p: float | None
    chance: float | None
    loss: float | None
    bar: float = LEVEL

    @property
    def is_control(self) -> bool:
        """Whether it is what the others are compared with."""
        return self.difference is None and self.low is None and self.p is None and self.chance is None

    @property
    def better(self) -> bool | None:
        """Whether it is decided for the better, or for the worse, at 95 %; None while it is neither."""
        if self.chance is not None:
            return True if self.chance >= self.bar else False if self.chance <= 1 - self.bar else None
        if self.p is None or self.p >= 1 - LEVEL or not self.difference:
            return None
        return (self.difference > 0) == self.higher_is_better


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is known of an experiment as of a moment. `a_day`: units that came a day so far; `days_more`: days until the units
    that the advice waits for have come at that pace."""

    answer: Answer
    advice: Advice
    variants: tuple[VariantFound, ...]
    metrics: tuple[MetricFound, ...]
    doubled: int
    strangers: int
    a_day: float
    days_more: int | None

    @property
    def units(self) -> int:
        """Of all variants."""
        return sum(variant.units for variant in self.variants)

    @property
    def ratio_p(self) -> float:
        """p of the sample-ratio check."""
        return float(self.answer.summary["sample_ratio_p"])

    @property
    def ratio_flagged(self) -> bool:
        """Whether units are not spread as planned."""
        return bool(self.answer.summary["sample_ratio_flagged"])

    def of_metric(self, name: str, *, variant: str) -> MetricFound:
        """The row of a metric and a variant."""
        return next(row for row in self.metrics if row.metric == name and row.variant == variant)


def find(experiment: Experiment, *, actor: Actor, at: datetime) -> Found:
    """Ask it; QuestionError and StoreError as of any question, PermissionDenied without `explore.view`."""
    answer = ask(question={"kind": "experiment", "experiment": experiment.key}, actor=actor, at=at)
    summary = answer.summary
    advice = Advice(**summary["advice"])
    units: Mapping[str, int] = summary["units"]
    total = sum(units.values())
    variants = tuple(
        VariantFound(name=name, weight=weight, units=units[name], expected=summary["sample_ratio_expected"][name],
                     share=units[name] / total if total else None)
        for name, weight in experiment.weights
    )  # fmt: skip
    a_day = total / _days(experiment, today=timezone.localdate(at))
    days_more = ceil(advice.more / a_day) if advice.more and a_day else None
    return Found(
        answer=answer, advice=advice, variants=variants, metrics=tuple(_metrics(experiment, answer)),
        doubled=answer.left_out.get("in two variants", 0),
        strangers=answer.left_out.get("exposures with another variant", 0), a_day=a_day, days_more=days_more,
    )  # fmt: skip


def was_shown(experiment: Experiment, *, at: datetime) -> bool:
    """Whether anybody has seen a variant since its start, in any territory."""
    question: dict[str, Any] = {
        "kind": "trend", "measure": "count", "event": EXPOSED, "every": "all",
        "where": f'props.experiment == "{experiment.key}"', "period": question_of(experiment, at=at)["period"],
    }  # fmt: skip
    answer = ask(question=question, actor=system_actor("experiments"), at=at)
    return any(row[-1] for row in answer.rows)


def _days(experiment: Experiment, *, today: date) -> int:
    """Days that it ran so far, the first and the last included."""
    first = timezone.localdate(experiment.started_at) if experiment.started_at else today
    last = timezone.localdate(experiment.stopped_at) if experiment.state == State.STOPPED else today
    return max((last - first).days + 1, 1)


def _metrics(experiment: Experiment, answer: Answer) -> list[MetricFound]:
    planned = {str(metric["name"]): metric for metric in experiment.metrics}
    bar = level_of_each(level=LEVEL, comparisons=len(experiment.weights) - 1)
    names = [column.name for column in answer.columns]
    rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in answer.rows]
    controls = {cells["metric"]: cells["value"] for cells in rows if cells["variant"] == experiment.control}
    found = []
    for cells in rows:
        metric = planned[cells["metric"]]
        relative = {name: cells.get(name) for name in ("relative", "relative_low", "relative_high")}
        control = controls[cells["metric"]]
        if (
            "relative" not in cells and control and control > 0
        ):  # a Bayesian answer has no relative change of its own
            parts = zip(relative, ("difference", "low", "high"), strict=True)
            relative = {name: None if cells[of] is None else cells[of] / control for name, of in parts}
        found.append(MetricFound(
            metric=cells["metric"], kind=str(metric.get("kind", "conversion")), role=cells["role"],
            variant=cells["variant"], higher_is_better=bool(metric.get("higher_is_better", True)), units=cells["units"],
            value=cells["value"], difference=cells["difference"], low=cells["low"], high=cells["high"], p=cells.get("p"),
            chance=cells.get("chance_to_beat"), loss=cells.get("expected_loss"),
            bar=LEVEL if cells["role"] == "guard-rail" else bar, **relative,
        ))  # fmt: skip
    return found
