"""Stickiness: in how many days (weeks, months) of the period a unit was active."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.fields import BY, SELECTOR, SHARED, Field, choice, known_fields, one_of
from bihuan.understand.engine.scope import (
    Names,
    Reach,
    Scope,
    Selector,
    biggest,
    bucket_of,
    buckets_between,
    chosen,
    count_of,
    in_scope,
    left_out_of,
    no_unit,
    plain_names,
    read_by,
    read_scope,
    read_selector,
    scope_lines,
    series_columns,
    unit_line,
    unit_of,
    with_series,
)

EVERY = ("day", "week", "month")
ACTIVITY = Field(
    name="activity", schema=SELECTOR, default="any product event", meaning="what counts as being active"
)
FIELDS = (
    ACTIVITY,
    Field(name="every", schema=one_of(*EVERY), default="`day`", meaning="what is counted: active `day`s, `week`s or `month`s"),
    BY,
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StickinessQuestion:
    """Checked and complete."""

    scope: Scope
    activity: Selector
    every: str
    by: str | None


def read_activity(raw: Mapping[str, Any]) -> Selector:
    """The selector under `activity`, or every product event."""
    return read_selector(raw["activity"], "activity", needs_event=False) if "activity" in raw else Selector()


def read_stickiness(raw: Mapping[str, Any], *, today: date) -> StickinessQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "stickiness", FIELDS)
    return StickinessQuestion(scope=read_scope(raw, today=today), activity=read_activity(raw),
                              every=choice(raw, "every", EVERY), by=read_by(raw.get("by")))  # fmt: skip


def plans_of_stickiness(
    q: StickinessQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`: `series`, `n` and `units` active in exactly n buckets of the period; `left_out`."""
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.activity, internal_source=internal_source, field="activity.where"))
    left_out = t.aggregate(**{no_unit(q.scope.unit): count_of(unit_of(t, q.scope.unit).isnull())})
    t = with_series(t, q.by, traits=traits)
    t = t.select("series", unit=unit_of(t, q.scope.unit), bucket=bucket_of(t.day, q.every))
    t = t.filter(t.unit.notnull()).distinct()
    units = t.group_by("series", "unit").aggregate(n=t.count())
    rows = units.group_by("series", "n").aggregate(units=units.count()).order_by("series", "n")
    return {"rows": rows, "left_out": left_out}


def shape_stickiness(
    q: StickinessQuestion,
    *,
    found: Mapping[str, pa.Table],
    zone: str,
    today: date,
    names: Names = plain_names,
) -> Answer:
    """A row a number of buckets: units active in exactly n of them, and in n or more."""
    counts: dict[str | None, dict[int, int]] = defaultdict(dict)
    for row in found["rows"].to_pylist():
        counts[row["series"]][int(row["n"])] = int(row["units"])
    kept: list[str | None] = (
        biggest({series: sum(cells.values()) for series, cells in counts.items()}) if q.by else [None]
    )
    titles = names(q.by, kept)
    most = len(buckets_between(q.scope.first, q.scope.last, q.every))
    rows: list[tuple[Any, ...]] = []
    for series in kept:
        cells = counts.get(series, {})
        size = more = sum(cells.values())
        for n in range(1, most + 1):
            here = cells.get(n, 0)
            label = (titles[series],) if q.by else ()
            rows.append((*label, n, here, here / size if size else None, more, more / size if size else None))
            more -= here
    columns = (
        *series_columns(q.by), AnswerColumn(name=f"{q.every}s", type="number"), AnswerColumn(name="units", type="number"),
        AnswerColumn(name="share", type="percent"), AnswerColumn(name="units_or_more", type="number"),
        AnswerColumn(name="share_or_more", type="percent"),
    )  # fmt: skip
    units = sum(sum(cells.values()) for cells in counts.values())
    active = sum(n * here for cells in counts.values() for n, here in cells.items())
    left_out = left_out_of(found)
    if len(counts) > len(kept):
        left_out["smaller series, not shown"] = len(counts) - len(kept)
    summary = {"units": units, "mean": active / units if units else None,
               "stickiness": active / units / most if units else None}  # fmt: skip
    lines = (
        f"in how many {q.every}s of the period a unit had {q.activity.title}",
        f"stickiness: the mean, divided by the {most} {q.every}s of the period",
        unit_line(q.scope),
        *([f"by {q.by}: a unit with several values stands in each"] if q.by else []),
        *scope_lines(q.scope, zone=zone),
    )
    return Answer(kind="stickiness", question={}, definition=lines, columns=columns, rows=tuple(rows), summary=summary,
                  left_out=left_out)  # fmt: skip
