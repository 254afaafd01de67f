"""The trend as expressions: one a series, and one more for the earlier period."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from bihuan.understand.engine.left_out import plans_of_nameless, without_unit
from bihuan.understand.engine.listing import LEFT_OUT, WHO, Cell, plans_of_list, same
from bihuan.understand.engine.scope import (
    Reach,
    bucket_of,
    chosen,
    in_scope,
    no_unit,
    start_of,
    with_series,
)
from bihuan.understand.engine.trend.question import AGGREGATE, Series, TrendQuestion

COUNTED = {"people": "person", "accounts": "account"}  # whom a measure counts


def plans_of_trend(
    question: TrendQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`, `B`, `C`, …: plan_trend of each series; `rows before`, …: of the earlier period. Or what `list` asks for."""
    if question.listed is not None:
        return _plans_of_cell(question, question.listed, events=events, reach=reach, internal_source=internal_source,
                              traits=traits)  # fmt: skip
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
    t = _counted(question, series, events=events, reach=reach, internal_source=internal_source, traits=traits)
    grouped = t.group_by(["bucket", "series"])
    return grouped.aggregate(value=lambda g: _measured(g, series.measure, question.per)).order_by(
        ["bucket", "series"]
    )


def _counted(
    question: TrendQuestion, series: Series, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None,
) -> ir.Table:  # fmt: skip
    """The events of a series, with `bucket` and `series`."""
    t = in_scope(events, question.scope, reach=reach)
    t = t.filter(chosen(t, series.selector, internal_source=internal_source, field="series.where"))
    if series.measure in ("people", "accounts"):
        t = t.filter((t.person_id if series.measure == "people" else t.account_id).notnull())
    t = with_series(t, question.by, traits=traits)
    return t.mutate(
        bucket=t.ts.truncate("h") if question.every == "hour" else bucket_of(t.day, question.every)
    )


def listed_unit(question: TrendQuestion, cell: Cell) -> str:
    """Who is listed: those asked for; otherwise those that are counted, or divided by; accounts where none are."""
    measure = listed_series(question, cell).measure
    return cell.get("unit") or question.per or COUNTED.get(measure) or "account"


def listed_series(question: TrendQuestion, cell: Cell) -> Series:
    """Whose number it is."""
    return next(one for one in question.series if one.name == (cell.get("of") or question.series[0].name))


def window_begin(question: TrendQuestion, cell: Cell) -> Any:
    """The first bucket that a number is made of: its own, or the first of the window of a moving average."""
    bucket = cell.get("bucket")
    if bucket is None:
        return None
    for _earlier in range((question.smooth or 1) - 1):
        bucket = start_of(bucket - timedelta(days=1), question.every)
    return bucket


def _plans_of_cell(
    question: TrendQuestion, cell: Cell, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None
) -> Mapping[str, ir.Table]:  # fmt: skip
    """`rows` and `count` with `unit`, `events` and, of a sum, `value`; `left_out`: events without such a unit."""
    series = listed_series(question, cell)
    asked = question.earlier if "before" in cell else question
    t = _counted(asked, series, events=events, reach=reach, internal_source=internal_source, traits=traits)
    if "bucket" in cell:
        bucket = ibis.literal(cell.get("bucket"))
        there = t.bucket <= bucket
        if not question.cumulative:
            there &= t.bucket >= ibis.literal(window_begin(question, cell))
        t = t.filter(there)
    if "series" in cell:
        t = t.filter(same(t.series, cell.get("series")))
    if "not_series" in cell:
        others = cell.get("not_series")
        kept = [one for one in others if one is not None]
        known = ~t.series.isin(kept) if kept else ibis.literal(True)
        t = t.filter(known & t.series.notnull() if None in others else known | t.series.isnull())
    unit = listed_unit(question, cell)
    if LEFT_OUT in cell:
        missing = cell.get(LEFT_OUT)
        gone = next(t[f"{one}_id"] for one in WHO if no_unit(one) == missing)
        return plans_of_nameless(t, {missing: gone.isnull()}, cell)
    left_out = without_unit(t, unit)
    t = t.filter(t[f"{unit}_id"].notnull())
    measures = {"events": t.count()}
    if series.measure.startswith("sum"):
        measures["value"] = _measure(t, series.measure)
    units = t.group_by(unit=t[f"{unit}_id"]).aggregate(**measures)
    sums = {name: name for name in measures}
    return plans_of_list(units, first=(ibis.desc("events"),), **sums) | left_out


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
