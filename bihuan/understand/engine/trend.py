"""The trend question: a measure of events over time, by an optional breakdown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from bihuan.base.rules import RuleError, filter_of, parsed
from bihuan.understand.engine.answer import QuestionError

EVERY = ("hour", "day", "week", "month", "all")
SIMPLE = ("count", "people", "accounts")
AGGREGATE = re.compile(r"^(sum|avg|min|max|p(\d{1,2}))\((props\.[\w$.]+)\)$")
BREAKDOWNS = ("event", "account", "person", "product", "source")
MOST_SERIES = 12
MOST_EVENTS = 200
OTHER = "…"
ALLOWED = {"kind", "unit", "measure", "event", "events", "every", "by", "period", "where", "segment"}


@dataclass(frozen=True, kw_only=True)
class TrendQuestion:
    """Checked and complete. `first` and `last` are inclusive days in the organisation's zone."""

    measure: str
    events: tuple[str, ...]
    every: str
    by: str | None
    first: date
    last: date
    where: str | None
    segment: str | None


def read_trend(raw: Mapping[str, Any], *, today: date) -> TrendQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    for name in raw:
        if name not in ALLOWED:
            raise QuestionError(str(name), f"a trend has no such field; it has: {', '.join(sorted(ALLOWED))}")
    measure = str(raw.get("measure", "count"))
    if measure not in SIMPLE and not AGGREGATE.match(measure):
        raise QuestionError(
            "measure", f"{measure!r} is none of count, people, accounts, sum(props.x), avg, min, max, p95"
        )
    every = str(raw.get("every", "day"))
    if every not in EVERY:
        raise QuestionError("every", f"{every!r} is none of {', '.join(EVERY)}")
    by = raw.get("by")
    if by is not None and by not in BREAKDOWNS and not re.fullmatch(r"props\.[\w$]+", str(by)):
        raise QuestionError("by", f"{by!r} is none of {', '.join(BREAKDOWNS)} or props.<name>")
    events = raw.get("events", raw.get("event"))
    names = (events,) if isinstance(events, str) else events or ()
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) and name for name in names):
        raise QuestionError("event", "write the name of an event, or a list of names")
    if len(names) > MOST_EVENTS:
        raise QuestionError("events", f"it names {len(names)} events; name {MOST_EVENTS} at most")
    first, last = read_period(raw.get("period"), today=today)
    return TrendQuestion(
        measure=measure, events=tuple(names), every=every, by=str(by) if by else None, first=first, last=last,
        where=read_rule(raw.get("where"), "where"), segment=read_rule(raw.get("segment"), "segment"),
    )  # fmt: skip


def read_rule(raw: Any, field: str) -> str | None:
    """The text of a rule that can be read, or None when there is none."""
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise QuestionError(field, f"write a rule as a text such as \"props.plan == 'pro'\", not {raw!r}")
    try:
        parsed(raw)
    except RuleError as error:
        raise QuestionError(field, str(error)) from None
    return raw


def read_period(raw: Any, *, today: date) -> tuple[date, date]:
    """Inclusive days of `{from, to}` or `{last: 28d}`; the last 28 days when nothing is given."""
    if raw is None:
        return today - timedelta(days=27), today
    if not isinstance(raw, Mapping):
        raise QuestionError(
            "period", f"write {{from: 2024-01-01, to: 2024-01-31}} or {{last: 28d}}, not {raw!r}"
        )
    if "last" in raw:
        days = re.match(r"^(\d{1,4})d$", str(raw["last"]))
        if not days or int(days[1]) < 1:
            raise QuestionError("period.last", f"write a number of days such as 28d, not {raw['last']!r}")
        return today - timedelta(days=int(days[1]) - 1), today
    first, last = (read_day(raw.get(name), f"period.{name}") for name in ("from", "to"))
    if last < first:
        raise QuestionError("period", f"it ends ({last}) before it begins ({first})")
    if first.year < 1900 or last.year > 2200:
        raise QuestionError("period", "ask for days from 1900 to 2200")
    if (last - first).days > 3700:
        raise QuestionError("period", "ask for ten years at most")
    return first, last


def read_day(raw: Any, field: str) -> date:
    """A day from a date or its ISO text."""
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise QuestionError(field, f"write a day such as 2024-06-30, not {raw!r}") from None


def plan_trend(
    question: TrendQuestion, *, events: ir.Table, accounts: ir.Table | None, internal_source: int
) -> ir.Table:
    """The expression: columns `bucket`, `series` (text, null without a breakdown) and `value`.

    `accounts` has account_id and the columns that `segment` speaks of; it is also the territory when given.
    Product events only, unless events are named.
    """
    t = events.filter(events.day.between(question.first, question.last))
    if question.events:
        t = t.filter(t.name.isin(question.events))
    else:
        t = t.filter(t.source_id != internal_source)
    if question.where:
        t = t.filter(_rule("where", question.where, t))
    if accounts is not None:
        kept = accounts
        if question.segment:
            kept = kept.filter(_rule("segment", question.segment, kept, prefix="account"))
        t = t.semi_join(kept, "account_id")
    bucket = _bucket(t, question.every)
    series = _series(t, question.by)
    grouped = t.mutate(bucket=bucket, series=series).group_by(["bucket", "series"])
    return grouped.aggregate(value=lambda g: _measure(g, question.measure)).order_by(["bucket", "series"])


def _rule(field: str, text: str, table: ir.Table, *, prefix: str = "") -> ir.BooleanValue:
    """A CEL rule over the table: event columns and props.x, or account.x."""

    def resolve(path: tuple[str, ...]) -> ir.Value:
        if prefix and len(path) == 2 and path[0] == prefix and path[1] in table.columns:
            return table[path[1]]
        if not prefix and path[0] == "props" and len(path) == 2:
            return table.props[path[1]]
        if (
            not prefix
            and len(path) == 1
            and path[0] in ("name", "ts", "distinct_id", "person_id", "account_id")
        ):
            return table[path[0]]
        names = f"{prefix}.<name>" if prefix else "props.<name>, name, ts, distinct_id, person_id, account_id"
        raise LookupError(f"unknown name {'.'.join(path)!r}; write {names}")

    try:
        return filter_of(text, resolve=resolve)
    except RuleError as error:
        raise QuestionError(field, str(error)) from None


def _bucket(t: ir.Table, every: str) -> ir.Value:
    if every == "all":
        return ibis.literal("all")
    if every == "hour":
        return t.ts.truncate("h")
    return t.day if every == "day" else t.day.truncate({"week": "W", "month": "M"}[every])


def _series(t: ir.Table, by: str | None) -> ir.Value:
    if by is None:
        return ibis.null("string")
    columns = {"event": "name", "account": "account_id", "person": "person_id", "product": "product_id",
               "source": "source_id"}  # fmt: skip
    if by in columns:
        return t[columns[by]].cast("string")
    value = t.props[by.removeprefix("props.")]
    return ibis.coalesce(value.str, value.cast("string"))


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


def buckets(question: TrendQuestion) -> list[Any]:
    """Every bucket of the period in order, so that a quiet day is a zero and not a gap; not for hours."""
    if question.every == "all":
        return ["all"]
    result: list[Any] = []
    day = question.first
    while day <= question.last:
        start = day
        if question.every == "week":
            start = day - timedelta(days=day.weekday())
        elif question.every == "month":
            start = day.replace(day=1)
        if not result or result[-1] != start:
            result.append(start)
        day += timedelta(days=1)
    return result


def definition_of(question: TrendQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    lines = [
        f"{question.measure} of {', '.join(question.events) if question.events else 'all product events'}",
        f"{question.first} to {question.last}, inclusive days in {zone}",
    ]
    if question.every == "week":
        lines.append("weeks start on Monday")
    if question.measure in ("people", "accounts"):
        lines.append(
            f"an event without {'a person' if question.measure == 'people' else 'an account'} does not count"
        )
    if question.where:
        lines.append(f"where {question.where}")
    if question.segment:
        lines.append(f"segment {question.segment}; an event without an account does not count")
    return tuple(lines)
