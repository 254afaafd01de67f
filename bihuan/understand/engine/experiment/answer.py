"""From one row a unit to the answer: check of the sample ratio, comparison of every variant, verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.experiment.listed import listed_of
from bihuan.understand.engine.experiment.question import (
    DOUBLED,
    STRANGERS,
    ExperimentQuestion,
    Metric,
    definition_of,
)
from bihuan.understand.engine.listing import LEFT_OUT, TOLD, told_left_out
from bihuan.understand.engine.scope import Names
from bihuan.understand.stats.bayes import Belief, believed, believed_proportions
from bihuan.understand.stats.comparison import Comparison, compare, compare_proportions
from bihuan.understand.stats.estimates import Estimate, cuped, ratio_of
from bihuan.understand.stats.moments import Floats, Moments, moments_of
from bihuan.understand.stats.multiple import level_of_each, together
from bihuan.understand.stats.sample_ratio import in_one_variant, sample_ratio
from bihuan.understand.stats.sequential import always_valid
from bihuan.understand.stats.verdict import Reading, reading_of, reading_of_belief, verdict_of

EXPECTED = "it is computed from the planned weights; nobody was counted"


@dataclass(frozen=True, kw_only=True, eq=False)
class Arm:
    """What one variant's units did in one metric: y over x, and the same before, one number a unit of assignment.
    `simple`: every unit counts once and did it or did not, so shares of independent units may be compared."""

    y: Floats
    x: Floats
    y_before: Floats
    x_before: Floats
    simple: bool

    @property
    def moments(self) -> Moments:
        """Moments of the four columns."""
        return moments_of(self.y, self.x, self.y_before, self.x_before)

    @property
    def counts(self) -> tuple[int, int]:
        """(units that did, units)."""
        return int(self.y.sum()), len(self.y)


def shape_found(
    question: ExperimentQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names
) -> Answer:
    """The answer from the rows of each plan."""
    if question.listed is not None:
        listed = listed_of(question, question.listed, found=found, zone=zone)
        return replace(listed, as_of=today.isoformat())
    values = {m.name: found[f"metric_{number}"] for number, m in enumerate(question.metrics, start=1)}
    answer = shape_experiment(question, exposed=found["exposed"], values=values, zone=zone)
    told = told_left_out(found)
    return replace(
        answer, left_out=answer.left_out | told["left_out"], nobody={**answer.nobody, **told["nobody"]},
        behind_left_out={**answer.behind_left_out, **told["behind_left_out"]}, as_of=today.isoformat(),
    )  # fmt: skip


def shape_experiment(
    question: ExperimentQuestion, *, exposed: pa.Table, values: Mapping[str, pa.Table], zone: str
) -> Answer:
    """The answer from rows of units.

    `exposed`: `unit`, `variant` (text) and how many `exposures`, a row for each pair; `people` (number of exposed persons)
    when accounts are assigned and a metric counts by person. `values` by the metric's name: `unit`, `y`, for ratios `x`,
    and with CUPED `y_before` (and `x_before`): sums over the unit, the unit missing where nothing happened. Units outside
    `exposed` are passed over.
    """
    named = [name for name, _weight in question.variants]
    known = exposed.filter(pc.is_in(exposed["variant"], value_set=pa.array(named, pa.string())))
    rows, doubled = in_one_variant(known)
    repeated = int(pc.sum(pc.greater(rows["exposures"], 1)).as_py() or 0)
    units = rows.group_by("unit").aggregate([("variant", "min"), *(
        [("people", "max")] if "people" in rows.column_names else [])])  # fmt: skip
    variant = np.array(units["variant_min"].to_pylist(), dtype=object)
    counts = {name: int((variant == name).sum()) for name in named}
    ratio = sample_ratio(observed=counts, weights=dict(question.variants))
    arms = {m.name: _arms(question, m, units, variant, values.get(m.name)) for m in question.metrics}
    table: list[tuple[Any, ...]] = []
    readings: dict[str, dict[str, Reading]] = {name: {} for name in named[1:]}
    adjusted: dict[str, float] = {}
    for metric in question.metrics:
        shown, found = _compared(question, metric, arms[metric.name], counts, adjusted)
        table += shown
        for name, reading in found.items():
            readings[name][metric.name] = reading
    verdicts = {}
    for name in named[1:]:
        verdict = verdict_of(
            primary=readings[name][question.metrics[0].name], ratio=ratio,
            guard_rails=tuple(readings[name][m.name] for m in question.metrics if m.guard),
            units={part: counts[part] for part in (question.control, name)}, matters=question.matters,
        )  # fmt: skip
        compared = {"comparisons": len(named) - 1} if question.corrected else {}
        verdicts[name] = {"code": verdict.code, **verdict.numbers, **compared}
    left_out = {DOUBLED: doubled, STRANGERS: exposed.num_rows - known.num_rows}
    return Answer(
        kind="experiment", question={}, definition=definition_of(question, zone=zone), columns=_columns(question),
        rows=tuple(table), behind=tuple(_behind(row) for row in table),
        summary={
            "method": question.method, "units": counts, "verdicts": verdicts,
            "sample_ratio_p": ratio.p_value, "sample_ratio_flagged": ratio.flagged,
            "sample_ratio_expected": ratio.expected, "units_exposed_again": repeated,
            "variance_removed": adjusted,
        },
        left_out={why: n for why, n in left_out.items() if n},
        behind_left_out={why: {LEFT_OUT: why} for why in left_out},
        behind_summary={"sample_ratio_p": {}, "units_exposed_again": {"again": True}},
        drawn_from=dict.fromkeys((column.name for column in _columns(question)[4:]), "value"),
        nobody=dict.fromkeys(("units", "verdicts", "variance_removed"), TOLD) | {"sample_ratio_expected": EXPECTED},
    )  # fmt: skip


def _behind(row: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
    """Who is in the variant of a row, and who did what its metric counts."""
    metric, _role, variant, *_numbers = row
    return {"units": {"variant": variant}, "value": {"variant": variant, "metric": metric}}


def _arms(
    question: ExperimentQuestion, metric: Metric, units: pa.Table, variant: Any, found: pa.Table | None
) -> dict[str, Arm]:
    """Each variant's numbers; a unit without a row did nothing."""
    place = {unit: i for i, unit in enumerate(units["unit"].to_pylist())}
    columns = {name: np.zeros(len(place)) for name in ("y", "x", "y_before", "x_before")}
    if found is not None:
        at = [place.get(unit, -1) for unit in found["unit"].to_pylist()]
        inside = np.array([i >= 0 for i in at], dtype=bool)
        for name in set(columns) & set(found.column_names):
            numbers = np.array([value or 0.0 for value in found[name].to_pylist()], dtype=np.float64)
            np.add.at(columns[name], np.array(at, dtype=int)[inside], numbers[inside])
    simple = metric.yes_or_no and metric.by == "unit"
    if metric.kind != "ratio":
        each = (
            units["people_max"].to_numpy().astype(np.float64)
            if metric.by == "person"
            else np.ones(len(place))
        )
        columns["x"] = columns["x_before"] = each
    if simple:
        columns["y"] = np.minimum(columns["y"], 1.0)
    return {
        name: Arm(**{column: numbers[variant == name] for column, numbers in columns.items()}, simple=simple)
        for name, _weight in question.variants
    }


def _compared(
    question: ExperimentQuestion, metric: Metric, arms: dict[str, Arm], counts: dict[str, int], adjusted: dict[str, float]
) -> tuple[list[tuple[Any, ...]], dict[str, Reading]]:  # fmt: skip
    """The metric's rows, control first, and a reading for each treatment; notes what CUPED removed. Several treatments are
    corrected for each other, but for guard-rails: there a missed harm costs more than a false alarm."""
    moments = {name: arm.moments for name, arm in arms.items()}
    estimates = {name: ratio_of(m) for name, m in moments.items()}
    simple = next(iter(arms.values())).simple
    if question.cuped:
        found = cuped(moments)
        adjusted[metric.name] = found.reduction
        if found.theta:
            estimates, simple = found.arms, False
    control = question.control
    rows = [_row(question, metric, control, counts[control], estimates[control].value, None)]
    treatments = [name for name, _weight in question.variants[1:]]
    level = (
        question.level if metric.guard else level_of_each(level=question.level, comparisons=len(treatments))
    )
    alone = [
        _result(question, estimates[control], estimates[name], (arms[control].counts, arms[name].counts) if simple else None,
                level=level)
        for name in treatments
    ]  # fmt: skip
    compared = [one for one in alone if isinstance(one, Comparison)]
    results: Sequence[Comparison | Belief] = alone
    if compared and question.corrected and not metric.guard:
        results = together(compared, level=question.level)
    readings = {}
    for name, before, result in zip(treatments, alone, results, strict=True):
        if isinstance(result, Belief):
            readings[name] = reading_of_belief(
                result, metric=metric.name, higher_is_better=metric.higher_is_better, level=level
            )
        else:
            readings[name] = reading_of(
                result, metric=metric.name, higher_is_better=metric.higher_is_better, level=question.level
            )
        p_alone = before.p_value if isinstance(before, Comparison) else None
        rows.append(
            _row(question, metric, name, counts[name], estimates[name].value, result, p_alone=p_alone)
        )
    return rows, readings


def _result(
    question: ExperimentQuestion, control: Estimate, treatment: Estimate,
    counts: tuple[tuple[int, int], tuple[int, int]] | None, *, level: float,
) -> Comparison | Belief:  # fmt: skip
    """By the method asked; shares of independent units by their counts."""
    if question.method == "sequential":
        return always_valid(control, treatment, planned=question.planned, level=level)
    if question.method == "bayesian":
        if counts and all(n for _did, n in counts):
            return believed_proportions(control=counts[0], treatment=counts[1], level=level)
        return believed(control, treatment, level=level)
    if counts:
        return compare_proportions(control=counts[0], treatment=counts[1], level=level)
    return compare(control, treatment, level=level)


def _columns(question: ExperimentQuestion) -> tuple[AnswerColumn, ...]:
    start = (
        AnswerColumn(name="metric", type="text"), AnswerColumn(name="role", type="text"),
        AnswerColumn(name="variant", type="text"), AnswerColumn(name="units", type="number"),
        AnswerColumn(name="value", type="number"), AnswerColumn(name="difference", type="number"),
        AnswerColumn(name="low", type="number"), AnswerColumn(name="high", type="number"),
    )  # fmt: skip
    if question.method == "bayesian":
        return (
            *start,
            AnswerColumn(name="chance_to_beat", type="percent"),
            AnswerColumn(name="expected_loss", type="number"),
        )
    return (
        *start, AnswerColumn(name="relative", type="percent"), AnswerColumn(name="relative_low", type="percent"),
        AnswerColumn(name="relative_high", type="percent"), AnswerColumn(name="p", type="number"),
        *([AnswerColumn(name="p_alone", type="number")] if question.corrected else []),
    )  # fmt: skip


def _row(
    question: ExperimentQuestion, metric: Metric, variant: str, units: int, value: float, result: Comparison | Belief | None,
    *, p_alone: float | None = None,
) -> tuple[Any, ...]:  # fmt: skip
    """One variant's line; what does not exist is None. `p_alone`: before it was corrected for the other variants."""
    if metric.guard:
        role = "guard-rail"
    else:
        role = "primary" if metric is question.metrics[0] else "secondary"
    rest: tuple[float | None, ...]
    if result is None:
        rest = (None,) * (len(_columns(question)) - 5)
    elif isinstance(result, Belief):
        better = result if metric.higher_is_better else None
        rest = (result.difference, result.low, result.high, result.chance if better else 1 - result.chance,
                result.loss if better else result.loss_of_control)  # fmt: skip
    else:
        rest = (result.difference, result.low, result.high, result.relative, result.relative_low, result.relative_high,
                result.p_value, *((p_alone,) if question.corrected else ()))  # fmt: skip
    return (metric.name, role, variant, units, *(None if n is None or n != n else n for n in (value, *rest)))
