"""Stickiness: in how many days (weeks, months) of the period a unit was active."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.fields import BY, SELECTOR, SHARED, Field, choice, known_fields, one_of
from bihuan.understand.engine.left_out import shape_nameless, takes_no_unit, without_unit
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    Cell,
    a_value,
    in_series,
    list_field,
    number,
    plans_of_list,
    read_cell,
    shape_list,
    told_left_out,
    true,
)
from bihuan.understand.engine.scope import (
    Names,
    Reach,
    Scope,
    Selector,
    bucket_of,
    buckets_between,
    chosen,
    in_scope,
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
from bihuan.understand.engine.series import shown_of

EVERY = ("day", "week", "month")
ACTIVITY = Field(
    name="activity", schema=SELECTOR, default="any product event", meaning="what counts as being active"
)
FIELDS = (
    ACTIVITY,
    Field(name="every", schema=one_of(*EVERY), default="`day`", meaning="what is counted: active `day`s, `week`s or `month`s"),
    BY,
    list_field("active", "or_more", "series", "unit",
               meaning="`{active: 3}` or `{active: 3, or_more: true}`, with a breakdown also `series`; without it each unit "
               "once"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StickinessQuestion:
    """Checked and complete."""

    scope: Scope
    activity: Selector
    every: str
    by: str | None
    listed: Cell | None


def read_activity(raw: Mapping[str, Any]) -> Selector:
    """The selector under `activity`, or every product event."""
    return read_selector(raw["activity"], "activity", needs_event=False) if "activity" in raw else Selector()


def read_stickiness(raw: Mapping[str, Any], *, today: date) -> StickinessQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "stickiness", FIELDS)
    by = read_by(raw.get("by"))
    takes = {"active": number(1, 4_000), "or_more": true} | ({"series": a_value} if by else {})
    scope = read_scope(raw, today=today)
    return StickinessQuestion(
        scope=scope, activity=read_activity(raw), every=choice(raw, "every", EVERY), by=by,
        listed=read_cell(raw.get("list"), takes=takes, needs=("active",), left_out=takes_no_unit(scope.unit)),
    )  # fmt: skip


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
    left_out = without_unit(t, q.scope.unit, cell=q.listed)
    if q.listed is not None and LEFT_OUT in q.listed:
        return left_out
    t = with_series(t, q.by, traits=traits)
    t = t.select("series", unit=unit_of(t, q.scope.unit), bucket=bucket_of(t.day, q.every))
    t = t.filter(t.unit.notnull()).distinct()
    units = t.group_by("series", "unit").aggregate(n=t.count())
    if q.listed is not None:
        n = q.listed.get("active")
        there = in_series(units, q.listed).group_by("unit").aggregate(n=units.n.max())
        there = there.filter(there.n >= n if "or_more" in q.listed else there.n == n)
        return plans_of_list(there, first=(ibis.desc("n"),)) | left_out
    rows = units.group_by("series", "n").aggregate(units=units.count()).order_by("series", "n")
    return {"rows": rows, **left_out}


def shape_stickiness(
    q: StickinessQuestion,
    *,
    found: Mapping[str, pa.Table],
    zone: str,
    today: date,
    names: Names = plain_names,
) -> Answer:
    """A row a number of buckets: units active in exactly n of them, and in n or more."""
    if q.listed is not None and LEFT_OUT in q.listed:
        return shape_nameless("stickiness", q.listed, found=found, definition=definition_of(q, zone=zone))
    if q.listed is not None:
        return shape_list(
            kind="stickiness", unit=q.scope.unit, cell=q.listed, found=found, definition=definition_of(q, zone=zone),
            columns=(AnswerColumn(name=f"{q.every}s", type="number"),), values_of=lambda row: (int(row["n"]),),
        )  # fmt: skip
    counts: dict[str | None, dict[int, int]] = defaultdict(dict)
    for row in found["rows"].to_pylist():
        counts[row["series"]][int(row["n"])] = int(row["units"])
    shown = shown_of({series: sum(cells.values()) for series, cells in counts.items()}, by=q.by, names=names)
    most = len(buckets_between(q.scope.first, q.scope.last, q.every))
    rows: list[tuple[Any, ...]] = []
    behind: list[dict[str, dict[str, Any]]] = []
    for series in shown.kept:
        cells = counts.get(series, {})
        size = more = sum(cells.values())
        for n in range(1, most + 1):
            here = cells.get(n, 0)
            rows.append(
                (
                    *shown.label(series),
                    n,
                    here,
                    here / size if size else None,
                    more,
                    more / size if size else None,
                )
            )
            cell = {"active": n} | shown.cell(series)
            behind.append({"units": cell, "units_or_more": cell | {"or_more": True}})
            more -= here
    columns = (
        *series_columns(q.by), AnswerColumn(name=f"{q.every}s", type="number"), AnswerColumn(name="units", type="number"),
        AnswerColumn(name="share", type="percent"), AnswerColumn(name="units_or_more", type="number"),
        AnswerColumn(name="share_or_more", type="percent"),
    )  # fmt: skip
    units = sum(sum(cells.values()) for cells in counts.values())
    active = sum(n * here for cells in counts.values() for n, here in cells.items())
    summary = {"units": units, "mean": active / units if units else None,
               "stickiness": active / units / most if units else None}  # fmt: skip
    return Answer(kind="stickiness", question={}, definition=definition_of(q, zone=zone), columns=columns, rows=tuple(rows),
                  summary=summary, **shown.told(told_left_out(found)), behind=tuple(behind),
                  behind_summary={"units": {"active": 1, "or_more": True}},
                  drawn_from={"share": "units", "share_or_more": "units_or_more", "mean": "units",
                              "stickiness": "units"})  # fmt: skip


def definition_of(q: StickinessQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    most = len(buckets_between(q.scope.first, q.scope.last, q.every))
    return (
        f"in how many {q.every}s of the period a unit had {q.activity.title}",
        f"stickiness: the mean, divided by the {most} {q.every}s of the period",
        unit_line(q.scope),
        *([f"by {q.by}: a unit with several values stands in each"] if q.by else []),
        *scope_lines(q.scope, zone=zone),
    )
