"""Life cycle: of each period, who is new, returning, resurrected and dormant."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.fields import SHARED, Field, choice, known_fields, one_of
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
    count_of,
    in_scope,
    left_out_of,
    no_unit,
    plain_names,
    read_scope,
    scope_lines,
    since_ever,
    start_of,
    unit_line,
    unit_of,
)
from bihuan.understand.engine.stickiness import ACTIVITY, EVERY, read_activity

STATES = ("new", "returning", "resurrected", "dormant")
FIELDS = (
    ACTIVITY,
    Field(name="every", schema=one_of(*EVERY), default="`day`", meaning="the period: a `day`, `week` or `month`"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LifecycleQuestion:
    """Checked and complete."""

    scope: Scope
    activity: Selector
    every: str


def read_lifecycle(raw: Mapping[str, Any], *, today: date) -> LifecycleQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "lifecycle", FIELDS)
    return LifecycleQuestion(scope=read_scope(raw, today=today), activity=read_activity(raw),
                             every=choice(raw, "every", EVERY))  # fmt: skip


def plans_of_lifecycle(
    q: LifecycleQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`: `bucket`, `state` and `units`, from the bucket of the first day on; `left_out`.

    The first bucket is whole, and all activity before it is read: a unit is new only once.
    """
    here = in_scope(events, q.scope, reach=reach)
    here = here.filter(chosen(here, q.activity, internal_source=internal_source, field="activity.where"))
    left_out = here.aggregate(**{no_unit(q.scope.unit): count_of(unit_of(here, q.scope.unit).isnull())})
    t = since_ever(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.activity, internal_source=internal_source, field="activity.where"))
    t = t.select(unit=unit_of(t, q.scope.unit), bucket=bucket_of(t.day, q.every))
    t = t.filter(t.unit.notnull()).distinct()
    order = ibis.window(group_by="unit", order_by="bucket")
    t = t.mutate(before=t.bucket.lag().over(order), then=t.bucket.lead().over(order))
    t = t.mutate(following=_next(t.bucket, q.every))
    state = ibis.cases(
        (t.before.isnull(), "new"), (_next(t.before, q.every) == t.bucket, "returning"), else_="resurrected"
    )
    active = t.select("bucket", state=state)
    gone = t.filter(t.then.isnull() | (t.then != t.following))
    gone = gone.select(bucket=gone.following, state=ibis.literal("dormant"))
    both = active.union(gone)
    both = both.filter(both.bucket.between(start_of(q.scope.first, q.every), q.scope.last))
    rows = both.group_by("bucket", "state").aggregate(units=both.count()).order_by("bucket", "state")
    return {"rows": rows, "left_out": left_out}


def _next(bucket: ir.DateValue, every: str) -> ir.DateValue:
    return bucket + ibis.interval(1, unit={"day": "D", "week": "W", "month": "M"}[every])


def shape_lifecycle(
    q: LifecycleQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """A row a bucket with the four numbers; active = new + returning + resurrected."""
    cells: dict[Any, dict[str, int]] = defaultdict(dict)
    for row in found["rows"].to_pylist():
        cells[as_day(row["bucket"])][row["state"]] = int(row["units"])
    ends = min(q.scope.last, today - timedelta(days=1)) + timedelta(days=1)
    rows: list[tuple[Any, ...]] = []
    for bucket in buckets_between(q.scope.first, q.scope.last, q.every):
        counts = [cells.get(bucket, {}).get(state, 0) for state in STATES]
        complete = after(bucket, q.every) <= ends
        rows.append((bucket, sum(counts[:3]), *counts, "complete" if complete else "incomplete"))
    columns = (
        AnswerColumn(name=q.every, type="date"), AnswerColumn(name="active", type="number"),
        *(AnswerColumn(name=state, type="number") for state in STATES), AnswerColumn(name="state", type="text"),
    )  # fmt: skip
    lines = (
        f"active: {q.activity.title}",
        f"new: first ever activity; returning: active also in the {q.every} before; resurrected: active earlier, not in "
        f"the {q.every} before; dormant: active in the {q.every} before, not now",
        "new + returning + resurrected = active",
        f"the first {q.every} is whole, from {start_of(q.scope.first, q.every)}",
        *(["weeks start on Monday"] if q.every == "week" else []),
        unit_line(q.scope),
        *scope_lines(q.scope, zone=zone),
    )
    summary = {name: sum(row[place] for row in rows) for place, name in ((2, "new"), (4, "resurrected"))}
    summary |= {f"last_{state}": rows[-1][place] for place, state in enumerate(("active", *STATES), start=1)}
    return Answer(kind="lifecycle", question={}, definition=lines, columns=columns, rows=tuple(rows), summary=summary,
                  left_out=left_out_of(found))  # fmt: skip
