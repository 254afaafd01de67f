"""The trend as expressions: one a series, and one more for the earlier period."""

from collections.abc import Mapping

import ibis.expr.types as ir

from bihuan.understand.engine.scope import Reach, bucket_of, chosen, in_scope, with_series
from bihuan.understand.engine.trend.question import AGGREGATE, Series, TrendQuestion


def plans_of_trend(
    question: TrendQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`, `B`, `C`, …: plan_trend of each series; `rows before`, …: of the earlier period."""
    plans = {}
    asked = {"": question} | ({" before": question.earlier} if question.compare else {})
    for suffix, one in asked.items():
        for series in question.series:
            plans[f"{series.plan}{suffix}"] = plan_trend(
                one, series, events=events, reach=reach, internal_source=internal_source, traits=traits
            )
    return plans


def plan_trend(
    question: TrendQuestion, series: Series, *, events: ir.Table, reach: Reach, internal_source: int,
    traits: ir.Table | None = None,
) -> ir.Table:  # fmt: skip
    """The expression: columns `bucket`, `series` (text, null without a breakdown) and `value`.

    Product events only, unless events are named.
    """
    t = in_scope(events, question.scope, reach=reach)
    t = t.filter(chosen(t, series.selector, internal_source=internal_source, field="series.where"))
    if series.measure in ("people", "accounts"):
        t = t.filter((t.person_id if series.measure == "people" else t.account_id).notnull())
    t = with_series(t, question.by, traits=traits)
    t = t.mutate(bucket=t.ts.truncate("h") if question.every == "hour" else bucket_of(t.day, question.every))
    grouped = t.group_by(["bucket", "series"])
    return grouped.aggregate(value=lambda g: _measured(g, series.measure, question.per)).order_by(
        ["bucket", "series"]
    )


def _measured(t: ir.Table, measure: str, per: str | None) -> ir.Value:
    value = _measure(t, measure)
    return value if per is None else value / t[f"{per}_id"].nunique().nullif(0)


def _measure(t: ir.Table, measure: str) -> ir.Value:
    if measure == "count":
        return t.count().cast("float64")
    if measure in ("people", "accounts"):
        column = t.person_id if measure == "people" else t.account_id
        return column.nunique().cast("float64")
    found = AGGREGATE.match(measure)
    assert found is not None, measure
    value = t.props[found[3].removeprefix("props.")].float
    if found[2]:
        return value.quantile(int(found[2]) / 100)
    return {"sum": value.sum, "avg": value.mean, "min": value.min, "max": value.max}[found[1]]()
