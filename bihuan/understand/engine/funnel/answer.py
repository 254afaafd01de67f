"""The funnel's answer: a row a step, with its definition."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.funnel.plan import QUANTILES
from bihuan.understand.engine.funnel.question import FunnelQuestion
from bihuan.understand.engine.left_out import shape_nameless
from bihuan.understand.engine.listing import LEFT_OUT, shape_list, told_left_out
from bihuan.understand.engine.scope import (
    DAY_US,
    Names,
    after,
    as_day,
    buckets_between,
    plain_names,
    scope_lines,
    series_columns,
    span_text,
    trait_of,
    unit_line,
)
from bihuan.understand.engine.series import Shown, shown_of

Behind = tuple[dict[str, dict[str, Any]], ...]
Shaped = tuple[tuple[AnswerColumn, ...], tuple[Any, ...], Behind, Shown]


def shape_funnel(
    q: FunnelQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date,
    names: Names = plain_names,
) -> Answer:  # fmt: skip
    """A row a step (with a breakdown: a series and step); with `every` a row a bucket; with `list` a row a unit."""
    if q.listed is not None and LEFT_OUT in q.listed:
        return shape_nameless("funnel", q.listed, found=found, definition=definition_of(q, zone=zone))
    if q.listed is not None:
        return _listed(q, found, zone=zone)
    rows = found["rows"].to_pylist()
    totals = found.get("total", found["rows"]).to_pylist()
    total = totals[0] if totals else {}
    entered, converted = (int(total.get(f"units_{k}") or 0) for k in (1, len(q.steps)))
    last = len(q.steps)
    summary: dict[str, Any] = {
        "entered": entered, "converted": converted, "rate": converted / entered if entered else None,
        "mean_seconds": total.get(f"mean_{last}"),
    } | {f"p{p}_seconds": total.get(f"p{p}_{last}") for p in QUANTILES}  # fmt: skip
    summary |= {f"step_{k}": int(total.get(f"units_{k}") or 0) for k in range(1, last + 1)}
    columns, shaped, behind, hidden = (_over_time if q.every else _by_step)(q, rows, names)
    return Answer(kind="funnel", question={}, definition=definition_of(q, zone=zone), columns=columns, rows=shaped,
                  summary=summary, behind=behind, behind_summary=_of_all(last),
                  drawn_from=_DRAWN | {"p50": "converted" if q.every else "units"},
                  **hidden.told(told_left_out(found)))  # fmt: skip


#: The times are those of the ones who got there, and so are the shares.
_DRAWN = dict.fromkeys(("of_first", "of_previous", "mean", *(f"p{p}" for p in QUANTILES)), "units")
_DRAWN |= dict.fromkeys(("rate", "mean_seconds", *(f"p{p}_seconds" for p in QUANTILES)), "converted")


def _of_all(last: int) -> dict[str, dict[str, Any]]:
    """Who is behind the headline numbers, in all series and buckets."""
    steps = {f"step_{k}": {"reached": k} for k in range(1, last + 1)}
    return steps | {"entered": {"reached": 1}, "converted": {"reached": last}}


def _series(q: FunnelQuestion, rows: list[dict[str, Any]], names: Names) -> Shown:
    sizes: dict[str | None, float] = defaultdict(float)
    for row in rows:
        sizes[row["series"]] += row["units_1"]
    return shown_of(sizes, by=q.by, names=names)


def _by_step(q: FunnelQuestion, rows: list[dict[str, Any]], names: Names) -> Shaped:
    shown = _series(q, rows, names)
    by_series = {row["series"]: row for row in rows}
    shaped: list[tuple[Any, ...]] = []
    behind: list[dict[str, dict[str, Any]]] = []
    for series in shown.kept:
        row = by_series.get(series, {})
        before = entered = int(row.get("units_1") or 0)
        for k, step in enumerate(q.steps, start=1):
            units = int(row.get(f"units_{k}") or 0)
            times = [row.get(f"{name}_{k}") for name in ("mean", *(f"p{p}" for p in QUANTILES))]
            title = step.title if q.order != "any" else f"{k} of {len(q.steps)} steps"
            shaped.append((*shown.label(series), k, title, units, units / entered if entered else None,
                           units / before if before else None, before - units, *times))  # fmt: skip
            named = shown.cell(series)
            lost = {"dropped": {"dropped_after": k - 1} | named} if k > 1 else {}
            behind.append({"units": {"reached": k} | named} | lost)
            before = units
    columns = (
        *series_columns(q.by), AnswerColumn(name="step", type="number"), AnswerColumn(name="title", type="text"),
        AnswerColumn(name="units", type="number", unit=q.scope.unit), AnswerColumn(name="of_first", type="percent"),
        AnswerColumn(name="of_previous", type="percent"), AnswerColumn(name="dropped", type="number"),
        AnswerColumn(name="mean", type="number", unit="s"),
        *(AnswerColumn(name=f"p{p}", type="number", unit="s") for p in QUANTILES),
    )  # fmt: skip
    return columns, tuple(shaped), tuple(behind), shown


def _over_time(q: FunnelQuestion, rows: list[dict[str, Any]], names: Names) -> Shaped:
    assert q.every is not None
    shown = _series(q, rows, names)
    cells = {(as_day(row["bucket"]), row["series"]): row for row in rows}
    last = len(q.steps)
    shaped: list[tuple[Any, ...]] = []
    behind: list[dict[str, dict[str, Any]]] = []
    for bucket in buckets_between(q.scope.first, q.scope.last, q.every):
        state = "complete" if _whole(bucket, q) else "incomplete"
        for series in shown.kept:
            row = cells.get((bucket, series), {})
            entered, converted = (int(row.get(f"units_{k}") or 0) for k in (1, last))
            rate = converted / entered if entered else None
            shaped.append(
                (bucket, *shown.label(series), entered, converted, rate, row.get(f"p50_{last}"), state)
            )
            named = {"bucket": bucket} | shown.cell(series)
            behind.append({"entered": {"reached": 1} | named, "converted": {"reached": last} | named})
    columns = (
        AnswerColumn(name=q.every, type="date"), *series_columns(q.by), AnswerColumn(name="entered", type="number"),
        AnswerColumn(name="converted", type="number"), AnswerColumn(name="rate", type="percent"),
        AnswerColumn(name="p50", type="number", unit="s"), AnswerColumn(name="state", type="text"),
    )  # fmt: skip
    return columns, tuple(shaped), tuple(behind), shown


def _whole(bucket: date, q: FunnelQuestion) -> bool:
    """Whether everybody who entered in the bucket had the whole window before the period ended."""
    end = after(bucket, q.every or "day") + timedelta(days=-(-q.within // DAY_US))
    return end <= q.scope.last + timedelta(days=1)


def _listed(q: FunnelQuestion, found: Mapping[str, pa.Table], *, zone: str) -> Answer:
    assert q.listed is not None
    dropped = q.listed.get("dropped_after")
    said = (
        f"those who dropped after step {dropped}"
        if dropped
        else f"those who reached step {q.listed.get('reached')}"
    )
    more: dict[str, Any] = {"said": said} if len(q.listed.items) == 1 else {}
    return shape_list(
        kind="funnel", unit=q.scope.unit, cell=q.listed, found=found, definition=definition_of(q, zone=zone),
        columns=(AnswerColumn(name="reached", type="number"), AnswerColumn(name="start", type="time")),
        values_of=lambda row: (row["reached"], datetime.fromtimestamp(row["start"] / 1_000_000, UTC)), **more,
    )  # fmt: skip


def definition_of(q: FunnelQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    order = {
        "ordered": "in this order; others may occur between",
        "strict": "in this order, one right after the other; any other event of the unit breaks it",
        "any": "in any order; an event counts for the first step that it fits, the window runs from the first of them",
    }
    lines = [
        " → ".join(one.title for one in q.steps),
        f"window {span_text(q.within)} from step 1, end inclusive; every step inside the period",
        order[q.order],
        "re-entry optimised: a later step 1 may start a better attempt"
        if q.reentry == "optimised"
        else "first entry: only the attempt of the first step 1 counts",
        "one event never satisfies two steps; ties in time are broken by step order; a unit counts once",
        unit_line(q.scope),
        "time to a step: from the latest step 1 that allows it to the first event that completes it",
    ]
    for one in q.exclude:
        lines.append(
            f"{one.selector.title} after step {one.after} and before step {one.before} ends the attempt"
        )
    if q.hold:
        lines.append(f"all steps of an attempt have the same {q.hold}; an event without it does not count")
    if q.by:
        taken = f"of the unit's {trait_of(q.by)[0]}" if trait_of(q.by) else f"from step {q.by_step}"  # type: ignore[index]
        lines.append(f"by {q.by} {taken} of the attempt that got furthest")
    if q.every:
        lines.append(f"by the {q.every} in which the attempt that got furthest began")
        lines.append("incomplete: the window of some had not ended when the period did")
    return (*lines, *scope_lines(q.scope, zone=zone))
