"""Life cycle: of each period, who is new, returning, resurrected and dormant."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.fields import BY, SHARED, Field, choice, known_fields, one_of
from bihuan.understand.engine.left_out import shape_nameless, takes_no_unit, without_unit
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    Cell,
    a_day,
    a_value,
    either,
    in_series,
    list_field,
    plans_of_list,
    read_cell,
    shape_list,
    told_left_out,
)
from bihuan.understand.engine.scope import (
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
    plain_names,
    read_by,
    read_scope,
    scope_lines,
    series_columns,
    since_ever,
    start_of,
    unit_line,
    unit_of,
    with_series,
)
from bihuan.understand.engine.series import shown_of
from bihuan.understand.engine.stickiness import ACTIVITY, EVERY, read_activity

STATES = ("new", "returning", "resurrected", "dormant")
FIELDS = (
    ACTIVITY,
    Field(name="every", schema=one_of(*EVERY), default="`day`", meaning="the period: a `day`, `week` or `month`"),
    BY,
    list_field("bucket", "state", "series", "unit",
               meaning="`{bucket: 2026-03-02, state: dormant}`, with a breakdown also `series`; without it the units of all "
               "its values, each once; without `bucket` those of the whole period, with how many `times`"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LifecycleQuestion:
    """Checked and complete."""

    scope: Scope
    activity: Selector
    every: str
    by: str | None
    listed: Cell | None


def read_lifecycle(raw: Mapping[str, Any], *, today: date) -> LifecycleQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "lifecycle", FIELDS)
    by = read_by(raw.get("by"))
    takes = {"bucket": a_day, "state": either("active", *STATES)} | ({"series": a_value} if by else {})
    scope = read_scope(raw, today=today)
    return LifecycleQuestion(
        scope=scope, activity=read_activity(raw), every=choice(raw, "every", EVERY), by=by,
        listed=read_cell(raw.get("list"), takes=takes, needs=("state",), left_out=takes_no_unit(scope.unit)),
    )  # fmt: skip


def plans_of_lifecycle(
    q: LifecycleQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`: `bucket`, `series`, `state` and `units`, from the bucket of the first day on; `left_out`.

    The first bucket is whole, and all activity before it is read: a unit is new only once (in each series).
    """
    here = in_scope(events, q.scope, reach=reach)
    here = here.filter(chosen(here, q.activity, internal_source=internal_source, field="activity.where"))
    left_out = without_unit(here, q.scope.unit, cell=q.listed)
    if q.listed is not None and LEFT_OUT in q.listed:
        return left_out
    t = since_ever(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.activity, internal_source=internal_source, field="activity.where"))
    t = with_series(t, q.by, traits=traits)
    t = t.select("series", unit=unit_of(t, q.scope.unit), bucket=bucket_of(t.day, q.every))
    t = t.filter(t.unit.notnull()).distinct()
    order = ibis.window(group_by=["series", "unit"], order_by="bucket")
    t = t.mutate(before=t.bucket.lag().over(order), then=t.bucket.lead().over(order))
    t = t.mutate(following=_next(t.bucket, q.every))
    state = ibis.cases(
        (t.before.isnull(), "new"), (_next(t.before, q.every) == t.bucket, "returning"), else_="resurrected"
    )
    active = t.select("series", "unit", "bucket", state=state)
    gone = t.filter(t.then.isnull() | (t.then != t.following))
    gone = gone.select("series", "unit", bucket=gone.following, state=ibis.literal("dormant"))
    both = active.union(gone)
    both = both.filter(both.bucket.between(start_of(q.scope.first, q.every), q.scope.last))
    if q.listed is not None:
        wanted = q.listed.get("state")
        there = (both.state != "dormant") if wanted == "active" else (both.state == wanted)
        if "bucket" in q.listed:
            there &= both.bucket == ibis.literal(q.listed.get("bucket"))
        listed = in_series(both.filter(there), q.listed).group_by("unit")
        # In several series a unit may be new in one and returning in another: then no state is told.
        units = listed.aggregate(
            times=lambda g: g.bucket.nunique(),
            state=lambda g: ibis.cases((g.state.nunique() == 1, g.state.max())),
        )
        return (
            plans_of_list(units, first=(), **({} if "bucket" in q.listed else {"times": "times"})) | left_out
        )
    key = ["bucket", "series", "state"]
    return {"rows": both.group_by(key).aggregate(units=both.count()).order_by(key), **left_out}


def _next(bucket: ir.DateValue, every: str) -> ir.DateValue:
    return bucket + ibis.interval(1, unit={"day": "D", "week": "W", "month": "M"}[every])


def shape_lifecycle(
    q: LifecycleQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """A row a bucket (and series) with the four numbers; active = new + returning + resurrected."""
    if q.listed is not None and LEFT_OUT in q.listed:
        return shape_nameless("lifecycle", q.listed, found=found, definition=definition_of(q, zone=zone))
    if q.listed is not None:
        often = () if "bucket" in q.listed else ("times",)
        return shape_list(
            kind="lifecycle", unit=q.scope.unit, cell=q.listed, found=found, definition=definition_of(q, zone=zone),
            columns=(AnswerColumn(name="state", type="text"), *(AnswerColumn(name=one, type="number") for one in often)),
            values_of=lambda row: (row["state"], *(int(row[one]) for one in often)),
            also=(("units of all series", {name: value for name, value in q.listed.items if name != "series"}),)
            if "series" in q.listed else (),
        )  # fmt: skip
    cells: dict[tuple[Any, str | None], dict[str, int]] = defaultdict(dict)
    sizes: dict[str | None, float] = defaultdict(float)
    for row in found["rows"].to_pylist():
        cells[as_day(row["bucket"]), row["series"]][row["state"]] = int(row["units"])
        sizes[row["series"]] += row["units"] if row["state"] != "dormant" else 0
    shown, ends = shown_of(sizes, by=q.by, names=names), end_of_knowledge(q.scope, today=today)
    rows: list[tuple[Any, ...]] = []
    behind: list[dict[str, dict[str, Any]]] = []
    for bucket in buckets_between(q.scope.first, q.scope.last, q.every):
        state = "complete" if after(bucket, q.every) <= ends else "incomplete"
        for series in shown.kept:
            counts = [cells.get((bucket, series), {}).get(one, 0) for one in STATES]
            numbers = [sum(counts[:3]), *counts]
            rows.append((bucket, *shown.label(series), *numbers, state))
            cell = {"bucket": bucket} | shown.cell(series)
            behind.append({one: {"state": one} | cell for one in ("active", *STATES)})
    columns = (
        AnswerColumn(name=q.every, type="date"), *series_columns(q.by), AnswerColumn(name="active", type="number"),
        *(AnswerColumn(name=one, type="number") for one in STATES), AnswerColumn(name="state", type="text"),
    )  # fmt: skip
    summary: dict[str, Any] = {}
    of_all: dict[str, dict[str, Any]] = {}
    if q.by is None:
        summary |= {name: sum(row[place] for row in rows) for place, name in ((2, "new"), (4, "resurrected"))}
        last = next((row for row in reversed(rows) if row[-1] == "complete"), rows[-1])
        summary |= {f"last_{one}": last[place] for place, one in enumerate(("active", *STATES), start=1)}
        of_all = {one: {"state": one} for one in ("new", "resurrected")}
        of_all |= {f"last_{one}": {"bucket": last[0], "state": one} for one in ("active", *STATES)}
    return Answer(kind="lifecycle", question={}, definition=definition_of(q, zone=zone), columns=columns, rows=tuple(rows),
                  summary=summary, **shown.told(told_left_out(found)), behind=tuple(behind),
                  behind_summary=of_all)  # fmt: skip


def definition_of(q: LifecycleQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    return (
        f"active: {q.activity.title}",
        f"new: first ever activity; returning: active also in the {q.every} before; resurrected: active earlier, not in "
        f"the {q.every} before; dormant: active in the {q.every} before, not now",
        "new + returning + resurrected = active",
        f"the first {q.every} is whole, from {start_of(q.scope.first, q.every)}",
        *(["weeks start on Monday"] if q.every == "week" else []),
        unit_line(q.scope),
        *(
            [f"by {q.by}: each value has a life cycle of its own, a unit with several stands in each"]
            if q.by
            else []
        ),
        *scope_lines(q.scope, zone=zone),
    )
