"""The experiment as expressions: who was exposed to what, and what each unit did afterwards and before."""

from collections.abc import Mapping
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from bihuan.understand.engine.experiment.question import ExperimentQuestion, Metric
from bihuan.understand.engine.left_out import without_unit
from bihuan.understand.engine.listing import LEFT_OUT
from bihuan.understand.engine.scope import (
    DAY_US,
    Reach,
    Selector,
    chosen,
    count_of,
    in_scope,
    microseconds,
    no_unit,
    property_text,
    unit_of,
)

_SUM = "sum(props."


def plans_of_experiment(
    q: ExperimentQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`exposed`: unit, variant (text), exposures, people; `metric_1` …: unit, y, x, y_before, x_before, as `shape_experiment`
    takes them; `left_out`. Events count up to the period's last day, also for those exposed on it."""
    t = in_scope(events, q.scope, reach=reach)
    shown = t.filter(chosen(t, q.exposure, internal_source=internal_source, field="exposure.where"))
    shown = shown.mutate(
        unit=unit_of(shown, q.scope.unit), variant=property_text(shown, q.variant), us=microseconds(shown.ts)
    )
    counted = shown.filter(shown.unit.notnull())
    exposed = counted.group_by(["unit", "variant"]).aggregate(
        exposures=counted.count(), people=counted.person_id.nunique()
    )
    if q.listed is not None and q.listed.get(LEFT_OUT) == no_unit(q.scope.unit):
        return without_unit(shown, q.scope.unit, cell=q.listed)
    before = timedelta(days=-(-(q.cuped or 0) // DAY_US))
    seen = in_scope(events, q.scope, reach=reach, first=q.scope.first - before)
    plans = {"exposed": exposed, **without_unit(shown, q.scope.unit)}
    for number, metric in enumerate(q.metrics, start=1):
        if q.listed is not None and q.listed.get("metric") != metric.name:
            continue
        plans[f"metric_{number}"] = _done(
            q, metric, seen=seen, shown=counted, internal_source=internal_source
        )
    return plans


def _done(
    q: ExperimentQuestion, metric: Metric, *, seen: ir.Table, shown: ir.Table, internal_source: int
) -> ir.Table:
    """One row a unit that did something in one of the two windows. By person, only what exposed persons did, each since
    their own exposure."""
    own = metric.by == "person"
    keys = ["unit", "person_id"] if own else ["unit"]
    known = shown.filter(shown.person_id.notnull()) if own else shown
    starts = known.group_by(keys).aggregate(start=known.us.min())
    starts = starts.rename({f"start_{key}": key for key in keys})

    def fits(selector: Selector) -> ir.BooleanValue:
        return chosen(seen, selector, internal_source=internal_source, field=f"metrics.{metric.name}.where")

    t = seen.mutate(unit=unit_of(seen, q.scope.unit), above=fits(metric.selector).fill_null(False),
                    below=fits(metric.per).fill_null(False) if metric.per else ibis.literal(False))  # fmt: skip
    t = t.filter(t.above | t.below)
    t = t.inner_join(starts, [t[key] == starts[f"start_{key}"] for key in keys])
    passed = microseconds(t.ts) - t.start
    after = passed >= metric.after
    if metric.within is not None:
        after &= passed <= metric.within
    earlier = (passed < 0) & (passed >= -q.cuped) if q.cuped else ibis.literal(False)
    t = t.mutate(after=after, earlier=earlier, amount=_amount(t, metric))
    t = t.filter(t.after | t.earlier)
    return t.group_by("unit").aggregate(
        y=_counted(t, t.above & t.after, metric), x=count_of(t.below & t.after).cast("float64"),
        y_before=_counted(t, t.above & t.earlier, metric), x_before=count_of(t.below & t.earlier).cast("float64"),
    )  # fmt: skip


def _amount(t: ir.Table, metric: Metric) -> ir.FloatingValue:
    """What one event adds to the metric."""
    if metric.measure.startswith(_SUM):
        return t.props[metric.measure.removeprefix(_SUM).removesuffix(")")].float.fill_null(0.0)
    return ibis.literal(1.0)


def _counted(t: ir.Table, condition: ir.BooleanValue, metric: Metric) -> ir.FloatingValue:
    """Of one unit: whether it did it, how many of its persons did, or the sum."""
    if metric.yes_or_no:
        if metric.by == "person":
            return t.person_id.nunique(where=condition).cast("float64")
        return (count_of(condition) > 0).cast("float64")
    return t.amount.sum(where=condition).fill_null(0.0).cast("float64")
