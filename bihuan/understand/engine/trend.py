"""The trend question: a measure of events over time, by an optional breakdown."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import (
    BY,
    NAMES,
    PERIOD,
    SEGMENT,
    TEXT,
    WHERE,
    Field,
    known_fields,
    one_of,
)
from bihuan.understand.engine.scope import (
    OTHER,
    Names,
    Reach,
    Scope,
    Selector,
    biggest,
    bucket_of,
    buckets_between,
    chosen,
    in_scope,
    plain_names,
    read_by,
    read_events,
    read_scope,
    scope_lines,
    with_series,
)

EVERY = ("hour", "day", "week", "month", "all")
SIMPLE = ("count", "people", "accounts")
AGGREGATE = re.compile(r"^(sum|avg|min|max|p(\d{1,2}))\((props\.[\w$.]+)\)$")
FIELDS = (
    Field(name="measure", schema=TEXT, default="`count`",
          meaning="`count` of events, different `people` or `accounts`, or `sum`, `avg`, `min`, `max`, `p50`, `p95` … of a "
          "property: `sum(props.amount)`"),
    Field(name="event", schema=TEXT, default="all product events",
          meaning="the name of an event; a named one may also be a fact of your own staff, such as `ticket_solved`"),
    Field(name="events", schema=NAMES, default="–", meaning="several names instead of one"),
    Field(name="every", schema=one_of(*EVERY), default="`day`",
          meaning="the bucket: `hour`, `day`, `week` (from Monday), `month`, `all`"),
    BY,
    PERIOD, WHERE, SEGMENT,
    Field(name="unit", schema=TEXT, default="–", meaning="accepted, no effect here"),
)  # fmt: skip
ALLOWED = {"kind", *(field.name for field in FIELDS)}


@dataclass(frozen=True, kw_only=True)
class TrendQuestion:
    """Checked and complete."""

    scope: Scope
    measure: str
    events: tuple[str, ...]
    every: str
    by: str | None


def read_trend(raw: Mapping[str, Any], *, today: date) -> TrendQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "trend", FIELDS)
    measure = str(raw.get("measure", "count"))
    if measure not in SIMPLE and not AGGREGATE.match(measure):
        raise QuestionError(
            "measure", f"{measure!r} is none of count, people, accounts, sum(props.x), avg, min, max, p95"
        )
    every = str(raw.get("every", "day"))
    if every not in EVERY:
        raise QuestionError("every", f"{every!r} is none of {', '.join(EVERY)}")
    return TrendQuestion(
        scope=read_scope({name: raw[name] for name in raw if name != "unit"}, today=today), measure=measure,
        events=read_events(raw), every=every, by=read_by(raw.get("by")),
    )  # fmt: skip


def plans_of_trend(
    question: TrendQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`: plan_trend."""
    return {
        "rows": plan_trend(
            question, events=events, reach=reach, internal_source=internal_source, traits=traits
        )
    }


def plan_trend(
    question: TrendQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> ir.Table:
    """The expression: columns `bucket`, `series` (text, null without a breakdown) and `value`.

    Product events only, unless events are named.
    """
    t = in_scope(events, question.scope, reach=reach)
    t = t.filter(chosen(t, Selector(events=question.events), internal_source=internal_source, field="event"))
    if question.measure in ("people", "accounts"):
        t = t.filter((t.person_id if question.measure == "people" else t.account_id).notnull())
    t = with_series(t, question.by, traits=traits)
    t = t.mutate(bucket=t.ts.truncate("h") if question.every == "hour" else bucket_of(t.day, question.every))
    grouped = t.group_by(["bucket", "series"])
    return grouped.aggregate(value=lambda g: _measure(g, question.measure)).order_by(["bucket", "series"])


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


def shape_trend(
    asked: TrendQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """Rows for every bucket; of many series the biggest stay, the rest is summed where sums make sense."""
    values: dict[Any, dict[str | None, float | None]] = defaultdict(dict)
    totals: dict[str | None, float] = defaultdict(float)
    for row in found["rows"].to_pylist():
        bucket = row["bucket"]
        if isinstance(bucket, datetime):
            bucket = bucket.astimezone(ZoneInfo(zone)) if asked.every == "hour" else bucket.date()
        values[bucket][row["series"]] = row["value"]
        totals[row["series"]] += row["value"] or 0
    kept = biggest(totals)
    rest = [name for name in totals if name not in set(kept)]
    sums = asked.measure == "count" or asked.measure.startswith("sum")
    titles = names(asked.by, kept)
    order = buckets(asked) if asked.every != "hour" else sorted(values)
    rows: list[tuple[Any, ...]] = []
    for bucket in order:
        here = values.get(bucket, {})
        empty = 0.0 if sums or asked.measure in ("people", "accounts") else None
        if asked.by is None:
            rows.append((bucket, here.get(None, empty)))
            continue
        rows += [(bucket, titles[name], here.get(name, empty)) for name in kept]
        if rest and sums:
            rows.append((bucket, OTHER, sum(here.get(name) or 0 for name in rest)))
    columns = [
        AnswerColumn(
            name=asked.every if asked.every != "all" else "period",
            type="date" if asked.every != "hour" else "time",
        )
    ]
    if asked.by:
        columns.append(AnswerColumn(name=asked.by, type="text"))
    columns.append(AnswerColumn(name=asked.measure, type="number"))
    summary: dict[str, Any] = {"series": len(totals), "buckets": len(order)}
    if sums:
        summary["total"] = sum(totals.values())
    left_out = {"smaller series, not shown": len(rest)} if rest and not sums else {}
    return Answer(kind="trend", question={}, definition=definition_of(asked, zone=zone), columns=tuple(columns),
                  rows=tuple(rows), summary=summary, left_out=left_out)  # fmt: skip


def buckets(question: TrendQuestion) -> list[Any]:
    """Every bucket of the period in order, so that a quiet day is a zero and not a gap; not for hours."""
    return buckets_between(question.scope.first, question.scope.last, question.every)


def definition_of(question: TrendQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    lines = [
        f"{question.measure} of {', '.join(question.events) if question.events else 'all product events'}",
        *scope_lines(question.scope, zone=zone),
    ]
    if question.every == "week":
        lines.append("weeks start on Monday")
    if question.measure in ("people", "accounts"):
        lines.append(
            f"an event without {'a person' if question.measure == 'people' else 'an account'} does not count"
        )
    return tuple(lines)
