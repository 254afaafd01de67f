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
from bihuan.understand.engine.left_out import shape_nameless, takes_no_unit, without_unit
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    Cell,
    a_day,
    a_value,
    in_series,
    list_field,
    number,
    plans_of_list,
    read_cell,
    shape_list,
    told_left_out,
)
from bihuan.understand.engine.scope import (
    DAY_US,
    Names,
    Reach,
    Scope,
    Selector,
    after,
    as_day,
    bucket_of,
    buckets_between,
    chosen,
    end_of_knowledge,
    in_scope,
    microseconds,
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
from bihuan.understand.engine.series import shown_of

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
    list_field("cohort", "period", "until", "series", "unit",
               meaning="`{cohort: 2026-03-02, period: 3}`, with a breakdown also `series`; period 0 is the whole cohort"),
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
    listed: Cell | None


def read_retention(raw: Mapping[str, Any], *, today: date) -> RetentionQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "retention", FIELDS)
    start, back = (
        read_selector(raw[name], name, needs_event=False) if name in raw else Selector()
        for name in ("start", "return")
    )
    by, periods = read_by(raw.get("by")), whole(raw, "periods", default=8, least=1, most=60)
    takes = {"cohort": a_day, "until": a_day, "period": number(0, periods)} | (
        {"series": a_value} if by else {}
    )
    scope = read_scope(raw, today=today)
    return RetentionQuestion(
        scope=scope, start=start, back=back, every=choice(raw, "every", EVERY),
        periods=periods, returned=choice(raw, "returned", RETURNED), clock=choice(raw, "clock", CLOCKS),
        cohorts=choice(raw, "cohorts", COHORTS), by=by, listed=read_cell(raw.get("list"), takes=takes, needs=("period",),
                                                             left_out=takes_no_unit(scope.unit)),
    )  # fmt: skip


def plans_of_retention(
    q: RetentionQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`: `cohort`, `series`, `n` and `units` of plan_retention_units, or the units that `list` asks for; `left_out`."""
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.start, internal_source=internal_source, field="start.where"))
    left_out = without_unit(t, q.scope.unit, cell=q.listed)
    if q.listed is not None and LEFT_OUT in q.listed:
        return left_out
    found = plan_retention_units(
        q, events=events, reach=reach, internal_source=internal_source, traits=traits
    )
    if q.listed is not None:
        sums = {} if "cohort" in q.listed else {"cohorts": "cohorts"}
        return plans_of_list(_inside(q, q.listed, found), first=(), **sums) | left_out
    counted = found.group_by("cohort", "series", "n").aggregate(units=found.count())
    return {"rows": counted.order_by("cohort", "series", "n"), **left_out}


def _inside(q: RetentionQuestion, cell: Cell, found: ir.Table) -> ir.Table:
    """The units of one cell, and in how many cohorts they are."""
    n = cell.get("period")
    later = q.returned == "on_or_after" and n > 0
    there = found.n >= n if later else found.n == n
    if "cohort" in cell:
        there &= found.cohort == ibis.literal(cell.get("cohort"))
    if "until" in cell:
        there &= found.cohort <= ibis.literal(cell.get("until"))
    here = in_series(found.filter(there), cell)
    return here.group_by("unit").aggregate(cohorts=here.count())


def plan_retention_units(
    q: RetentionQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> ir.Table:
    """Columns `cohort` (first day), `series`, `unit` and `n`: every unit of a cohort at n = 0, and at each n ≥ 1 in which it
    is active. With on_or_after: at its *last* active period n, where n = `periods` also stands for later ones."""
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
    return starts.select(*key).mutate(n=ibis.literal(0, "int64")).union(active.select(*key, "n"))


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
    if q.listed is not None and LEFT_OUT in q.listed:
        return shape_nameless("retention", q.listed, found=found, definition=definition_of(q, zone=zone))
    if q.listed is not None:
        often = () if "cohort" in q.listed else ("cohorts",)
        return shape_list(kind="retention", unit=q.scope.unit, cell=q.listed, found=found,
                          columns=tuple(AnswerColumn(name=one, type="number") for one in often),
                          values_of=lambda row: tuple(int(row[one]) for one in often),
                          definition=definition_of(q, zone=zone))  # fmt: skip
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
    shown, ends = shown_of(sizes, by=q.by, names=names), end_of_knowledge(q.scope, today=today)
    rows: list[tuple[Any, ...]] = []
    behind: list[dict[str, dict[str, Any]]] = []
    back, base = defaultdict[int, int](int), defaultdict[int, int](int)
    until: dict[int, date] = {}
    for series in shown.kept:
        for cohort in buckets_between(q.scope.first, q.scope.last, q.every):
            cell = cells.get((cohort, series), {})
            size = cell.get(0, 0)
            for n in range(q.periods + 1):
                complete = n == 0 or _end_of(q, cohort, n) <= ends
                active = size if n == 0 else cell.get(n, 0)
                if complete:
                    back[n], base[n] = back[n] + active, base[n] + size
                    until[n] = max(until.get(n, cohort), cohort)
                rows.append((cohort, *shown.label(series), size, n, active, active / size if size else None,
                             "complete" if complete else "incomplete"))  # fmt: skip
                named = {"cohort": cohort} | shown.cell(series)
                behind.append({"active": named | {"period": n}, "size": named | {"period": 0}})
    columns = (
        AnswerColumn(name="cohort", type="date"), *series_columns(q.by), AnswerColumn(name="size", type="number"),
        AnswerColumn(name=q.every, type="number"), AnswerColumn(name="active", type="number"),
        AnswerColumn(name="rate", type="percent"), AnswerColumn(name="state", type="text"),
    )  # fmt: skip
    summary: dict[str, Any] = {"units": int(sum(sizes.values())), "cohorts": len({day for day, _ in cells})}
    summary |= {f"{q.every}_{n}": back[n] / base[n] if base[n] else None for n in range(1, q.periods + 1)}
    return Answer(kind="retention", question={}, definition=definition_of(q, zone=zone), columns=columns,
                  rows=tuple(rows), summary=summary, **shown.told(told_left_out(found)),
                  behind=tuple(behind), drawn_from={"rate": "active", "cohorts": "units"},
                  behind_summary={"units": {"period": 0}} | {f"{q.every}_{n}": {"period": n, "until": day}
                                                             for n, day in until.items() if n})  # fmt: skip


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
