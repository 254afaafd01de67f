"""Retention: of those who did one thing, who does another one, one period later, two, three …"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.fields import (
    BY,
    SELECTOR,
    SHARED,
    Field,
    choice,
    known_fields,
    one_of,
    whole,
)
from bihuan.understand.engine.scope import (
    DAY_US,
    Names,
    Reach,
    Scope,
    Selector,
    after,
    as_day,
    biggest,
    bucket_of,
    buckets_between,
    chosen,
    count_of,
    in_scope,
    left_out_of,
    microseconds,
    no_unit,
    plain_names,
    read_by,
    read_scope,
    read_selector,
    scope_lines,
    series_columns,
    since_ever,
    unit_line,
    unit_of,
    with_series,
)

EVERY, RETURNED = ("day", "week", "month"), ("on", "on_or_after")
CLOCKS, COHORTS = ("rolling", "calendar"), ("first", "recurring")
SPAN_DAYS = {"day": 1, "week": 7, "month": 30}
FIELDS = (
    Field(name="start", schema=SELECTOR, default="any product event", meaning="what puts a unit into a cohort"),
    Field(name="return", schema=SELECTOR, default="any product event", meaning="what counts as coming back"),
    Field(name="every", schema=one_of(*EVERY), default="`day`", meaning="cohorts and periods of a `day`, `week` or `month`"),
    Field(name="periods", schema={"type": "integer", "minimum": 1, "maximum": 60}, default="`8`",
          meaning="how many periods after the start are shown"),
    Field(name="returned", schema=one_of(*RETURNED), default="`on`",
          meaning="`on`: active in period n; `on_or_after`: in n or later"),
    Field(name="clock", schema=one_of(*CLOCKS), default="`rolling`",
          meaning="`rolling`: day 1 is 24 to 48 h after the start (a month is 30 days); `calendar`: the next calendar day, "
          "week or month"),
    Field(name="cohorts", schema=one_of(*COHORTS), default="`first`",
          meaning="`first`: a unit once, by its first start ever; `recurring`: again in every bucket in which it starts"),
    BY,
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RetentionQuestion:
    """Checked and complete."""

    scope: Scope
    start: Selector
    back: Selector
    every: str
    periods: int
    returned: str
    clock: str
    cohorts: str
    by: str | None


def read_retention(raw: Mapping[str, Any], *, today: date) -> RetentionQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "retention", FIELDS)
    start, back = (
        read_selector(raw[name], name, needs_event=False) if name in raw else Selector()
        for name in ("start", "return")
    )
    return RetentionQuestion(
        scope=read_scope(raw, today=today), start=start, back=back, every=choice(raw, "every", EVERY),
        periods=whole(raw, "periods", default=8, least=1, most=60), returned=choice(raw, "returned", RETURNED),
        clock=choice(raw, "clock", CLOCKS), cohorts=choice(raw, "cohorts", COHORTS), by=read_by(raw.get("by")),
    )  # fmt: skip


def plans_of_retention(
    q: RetentionQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`: plan_retention; `left_out`."""
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.start, internal_source=internal_source, field="start.where"))
    left_out = t.aggregate(**{no_unit(q.scope.unit): count_of(unit_of(t, q.scope.unit).isnull())})
    rows = plan_retention(q, events=events, reach=reach, internal_source=internal_source, traits=traits)
    return {"rows": rows, "left_out": left_out}


def plan_retention(
    q: RetentionQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> ir.Table:
    """Columns `cohort` (first day), `series`, `n` and `units`: at n = 0 the size of the cohort, at n ≥ 1 those active in
    period n. With on_or_after: those whose *last* active period is n, where n = `periods` also stands for later ones."""
    starts = _starts(q, events=events, reach=reach, internal_source=internal_source, traits=traits)
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.back, internal_source=internal_source, field="return.where"))
    t = t.select(unit=unit_of(t, q.scope.unit), us=microseconds(t.ts), day=t.day)
    if q.clock == "calendar":
        t = t.distinct()
    backs = t.select(back=t.unit, back_us=t.us, back_day=t.day)
    pairs = starts.join(backs, starts.unit == backs.back)
    pairs = pairs.mutate(n=_period(q, pairs))
    pairs = pairs.filter(pairs.n >= 1)
    key = ["cohort", "series", "unit"]
    if q.returned == "on":
        active = pairs.filter(pairs.n <= q.periods).select(*key, "n").distinct()
    else:
        last = pairs.group_by(key).aggregate(n=pairs.n.max())
        active = last.mutate(n=ibis.least(last.n, q.periods).cast("int64"))
    all_ = starts.select(*key).mutate(n=ibis.literal(0, "int64")).union(active.select(*key, "n"))
    return (
        all_.group_by("cohort", "series", "n").aggregate(units=all_.count()).order_by("cohort", "series", "n")
    )


def _starts(
    q: RetentionQuestion, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None
) -> ir.Table:
    """One row a unit and cohort: its first start there; of several at that moment the least value."""
    t = (since_ever if q.cohorts == "first" else in_scope)(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.start, internal_source=internal_source, field="start.where"))
    t = with_series(t, q.by, traits=traits)
    t = t.select(
        "day",
        "series",
        unit=unit_of(t, q.scope.unit),
        us=microseconds(t.ts),
        cohort=bucket_of(t.day, q.every),
    )
    t = t.filter(t.unit.notnull())
    key = ["unit"] if q.cohorts == "first" else ["unit", "cohort"]
    nth = ibis.row_number().over(group_by=key, order_by=[t.us, t.series.asc(nulls_first=False)])
    t = t.mutate(nth=nth)
    return t.filter((t.nth == 0) & (t.day >= q.scope.first)).drop("nth")


def _period(q: RetentionQuestion, t: ir.Table) -> ir.IntegerValue:
    """How many periods after its start a unit is back; 0 or less: not yet."""
    if q.clock == "rolling":
        span = SPAN_DAYS[q.every] * DAY_US
        return ibis.cases((t.back_us >= t.us, ((t.back_us - t.us) / span).floor().cast("int64")), else_=0)
    if q.every == "month":
        months = {name: t[name].year() * 12 + t[name].month() for name in ("back_day", "day")}
        return (months["back_day"] - months["day"]).cast("int64")
    days = bucket_of(t.back_day, q.every).delta(bucket_of(t.day, q.every), unit="day").cast("int64")
    return days if q.every == "day" else (days / 7).floor().cast("int64")


def shape_retention(
    q: RetentionQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """A row a cohort (and series) and period. A cell whose period had not ended with the observation is incomplete."""
    cells: dict[tuple[Any, str | None], dict[int, int]] = defaultdict(dict)
    for row in found["rows"].to_pylist():
        cells[as_day(row["cohort"]), row["series"]][int(row["n"])] = int(row["units"])
    if q.returned == "on_or_after":
        for cell in cells.values():
            for n in range(q.periods - 1, 0, -1):
                cell[n] = cell.get(n, 0) + cell.get(n + 1, 0)
    sizes: dict[str | None, float] = defaultdict(float)
    for (_, series), cell in cells.items():
        sizes[series] += cell.get(0, 0)
    kept: list[str | None] = biggest(sizes) if q.by else [None]
    titles = names(q.by, kept)
    ends = min(q.scope.last, today - timedelta(days=1)) + timedelta(days=1)
    rows: list[tuple[Any, ...]] = []
    back, base = defaultdict[int, int](int), defaultdict[int, int](int)
    for series in kept:
        for cohort in buckets_between(q.scope.first, q.scope.last, q.every):
            cell = cells.get((cohort, series), {})
            size = cell.get(0, 0)
            for n in range(q.periods + 1):
                complete = n == 0 or _end_of(q, cohort, n) <= ends
                active = size if n == 0 else cell.get(n, 0)
                if complete:
                    back[n], base[n] = back[n] + active, base[n] + size
                label = (titles[series],) if q.by else ()
                rows.append((cohort, *label, size, n, active, active / size if size else None,
                             "complete" if complete else "incomplete"))  # fmt: skip
    columns = (
        AnswerColumn(name="cohort", type="date"), *series_columns(q.by), AnswerColumn(name="size", type="number"),
        AnswerColumn(name=q.every, type="number"), AnswerColumn(name="active", type="number"),
        AnswerColumn(name="rate", type="percent"), AnswerColumn(name="state", type="text"),
    )  # fmt: skip
    summary: dict[str, Any] = {"units": int(sum(sizes.values())), "cohorts": len({day for day, _ in cells})}
    summary |= {f"{q.every}_{n}": back[n] / base[n] if base[n] else None for n in range(1, q.periods + 1)}
    left_out = left_out_of(found)
    if len(sizes) > len(kept):
        left_out["smaller series, not shown"] = len(sizes) - len(kept)
    return Answer(kind="retention", question={}, definition=definition_of(q, zone=zone), columns=columns,
                  rows=tuple(rows), summary=summary, left_out=left_out)  # fmt: skip


def _end_of(q: RetentionQuestion, cohort: date, n: int) -> date:
    """The day on which period n is over for everybody in the cohort."""
    if q.clock == "calendar":
        return after(cohort, q.every, n + 1)
    return after(cohort, q.every) + timedelta(days=SPAN_DAYS[q.every] * (n + 1))


def definition_of(q: RetentionQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    unit = {"day": "24 h", "week": "7 × 24 h", "month": "30 × 24 h"}[q.every]
    lines = [
        f"start: {q.start.title}; return: {q.back.title}",
        f"active in {q.every} n" if q.returned == "on" else f"active in {q.every} n or later",
        f"rolling: {q.every} 1 begins {unit} after the start" if q.clock == "rolling"
        else f"calendar: {q.every} 1 is the next calendar {q.every}",
        "first-time cohorts: a unit once, by its first start ever" if q.cohorts == "first"
        else "recurring cohorts: a unit again in every cohort in which it starts, from its first start there",
        f"{q.every} 0 is the whole cohort; the average is weighted by size, over complete periods",
        "incomplete: the period had not ended for all of the cohort",
        unit_line(q.scope),
    ]  # fmt: skip
    if q.every == "week":
        lines.append("weeks start on Monday")
    if q.by:
        lines.append(f"by {q.by} of the start")
    return (*lines, *scope_lines(q.scope, zone=zone))
