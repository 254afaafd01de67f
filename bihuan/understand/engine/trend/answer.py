"""The trend's answer: a row a bucket and series, with what was asked to be made of the values."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.formula import computed
from bihuan.understand.engine.left_out import shape_nameless
from bihuan.understand.engine.listing import HIDDEN, LEFT_OUT, LINES, VALUES, Cell, shape_list
from bihuan.understand.engine.scope import (
    OTHER,
    Names,
    biggest,
    buckets_between,
    plain_names,
    scope_lines,
    series_columns,
)
from bihuan.understand.engine.trend.plan import COUNTED, listed_series, listed_unit, window_begin
from bihuan.understand.engine.trend.question import SIMPLE, TrendQuestion

Line = list[float | None]
FORMULA = "formula"


def shape_trend(
    asked: TrendQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """Rows for every bucket; of many series the biggest stay, the rest is summed where sums make sense."""
    if asked.listed is not None:
        return _listed(asked, asked.listed, found, zone=zone)
    order, cells = _cells(asked, found, "", zone)
    totals: dict[str | None, float] = defaultdict(float)
    for values in cells[asked.series[0].name].values():
        for value, here in values.items():
            totals[value] += here or 0
    for one in asked.series[1:]:
        for values in cells[one.name].values():
            totals |= {value: totals[value] for value in values}
    kept: list[str | None] = biggest(totals) if asked.by else [None]
    rest = [value for value in totals if value not in set(kept)] if asked.by else []
    lines = _lines(asked, order, cells, kept)
    sums = len(asked.series) == 1 and asked.series[0].sums and not (asked.formula or asked.per)
    titles: dict[str | None, str] = names(asked.by, kept)
    if rest and sums:
        kept = [*kept, OTHER]
        titles = titles | {OTHER: OTHER}
        only = asked.series[0].name
        others: Line = [sum(cells[only][bucket].get(value) or 0 for value in rest) for bucket in order]
        lines[only, OTHER] = _made(asked, others)
    shown = [value for value in kept if value != OTHER or not rest]
    past, earlier = _earlier(asked, found, kept, zone) if asked.compare else ([], {})
    labels = [FORMULA] if asked.formula else [one.name for one in asked.series]
    called = {one.name: one.title for one in asked.series} | {FORMULA: str(asked.formula)}
    rows: list[tuple[Any, ...]] = []
    behind: list[dict[str, dict[str, Any]]] = []
    for place, bucket in enumerate(order):
        for label in labels:
            for value in kept:
                head = ((called[label],) if len(labels) > 1 else ()) + ((titles[value],) if asked.by else ())
                now = lines[label, value][place]
                rows.append(
                    (bucket, *head, now, *_compared(asked, now, earlier.get((label, value), []), place))
                )
                named: dict[str, Any] = {"of": label} if len(labels) > 1 else {}
                if asked.by:
                    named |= {"not_series": shown} if rest and value == OTHER else {"series": value}
                behind.append(
                    _behind(asked, named, bucket, past[place] if place < len(past) else None, now=now)
                )
    summary: dict[str, Any] = {"series": len(totals), "buckets": len(order)}
    if sums:
        summary["total"] = sum(totals.values())
    left_out = {HIDDEN: len(rest)} if rest and not sums else {}
    of_all: dict[str, dict[str, Any]] = {"total": {}} if asked.computed_of and not asked.cumulative else {}
    return Answer(kind="trend", question={}, definition=definition_of(asked, zone=zone), columns=_columns(asked, labels),
                  rows=tuple(rows), summary=summary, left_out=left_out, behind=tuple(behind), behind_summary=of_all,
                  nobody={"series": LINES, "buckets": LINES, HIDDEN: VALUES})  # fmt: skip


def _behind(
    asked: TrendQuestion, named: Mapping[str, Any], bucket: Any, past: Any, *, now: float | None
) -> dict[str, dict[str, Any]]:
    """Who is behind a number; behind a formula the list of its first series, which leads on to those of the others. Behind a
    change stand those of now, or of before where there are none."""
    if not asked.computed_of:
        return {}
    when = {} if asked.every == "all" else {"bucket": bucket}
    value = asked.series[0].measure if len(asked.series) == 1 else "value"
    if asked.formula:
        value = FORMULA
        named = ({} if len(asked.series) == 1 else {"of": asked.computed_of[0].name}) | dict(named)
    found: dict[str, dict[str, Any]] = {value: when | dict(named)}
    if past is not None and "not_series" not in named:
        found["before"] = ({} if asked.every == "all" else {"bucket": past}) | dict(named) | {"before": True}
        found["change"] = found[value] if now else found["before"]
    return found


def _listed(asked: TrendQuestion, cell: Cell, found: Mapping[str, pa.Table], *, zone: str) -> Answer:
    if LEFT_OUT in cell:
        return shape_nameless("trend", cell, found=found, definition=definition_of(asked, zone=zone))
    sums = listed_series(asked, cell).measure.startswith("sum")
    begin = window_begin(asked, cell)
    window = (
        (f"its window: the buckets from {begin} to {cell.get('bucket')}",)
        if begin != cell.get("bucket")
        else ()
    )
    names = ("events", *(["value"] if sums else []))
    return shape_list(
        kind="trend", unit=listed_unit(asked, cell), cell=cell, found=found,
        columns=tuple(AnswerColumn(name=name, type="number") for name in names), also=_also(asked, cell),
        within={name: value for name, value in cell.items if name != "unit"},
        definition=(*window, *definition_of(asked, zone=zone)), values_of=lambda row: tuple(row[name] for name in names),
    )  # fmt: skip


def _also(asked: TrendQuestion, cell: Cell) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """The lists of the other series of a formula; of a number per account also the people that it counts, and vice versa."""
    here, unit = listed_series(asked, cell), listed_unit(asked, cell)
    found: list[tuple[str, Mapping[str, Any]]] = []
    for one in asked.computed_of if asked.formula else (here,):
        of = {"of": one.name} if len(asked.series) > 1 else {}
        counted = COUNTED.get(one.measure)
        for each in dict.fromkeys(
            (asked.per, counted) if asked.per and counted else (asked.per or counted or unit,)
        ):
            if (one.name, each) != (here.name, unit):
                title = f"{one.name}: {one.title}" if len(asked.series) > 1 else one.title
                found.append((title, cell.with_(**of, unit=each)))
    return tuple(found)


def _cells(
    asked: TrendQuestion, found: Mapping[str, pa.Table], suffix: str, zone: str
) -> tuple[list[Any], dict[str, dict[Any, dict[str | None, float | None]]]]:
    """The buckets in order, and the value of each series, bucket and breakdown."""
    cells: dict[str, dict[Any, dict[str | None, float | None]]] = {}
    for one in asked.series:
        values: dict[Any, dict[str | None, float | None]] = defaultdict(dict)
        for row in found[f"{one.plan}{suffix}"].to_pylist():
            bucket = row["bucket"]
            if isinstance(bucket, datetime):
                bucket = bucket.astimezone(ZoneInfo(zone)) if asked.every == "hour" else bucket.date()
            values[bucket][row["series"]] = row["value"]
        cells[one.name] = values
    if asked.every == "hour":
        order: list[Any] = sorted({bucket for values in cells.values() for bucket in values})
    else:
        order = buckets_between(asked.scope.first, asked.scope.last, asked.every)
    return order, cells


def _lines(
    asked: TrendQuestion, order: list[Any], cells: dict[str, dict[Any, dict[str | None, float | None]]],
    kept: list[str | None],
) -> dict[tuple[str, str | None], Line]:  # fmt: skip
    """The values over time of each series and breakdown, or of the formula over them."""
    result: dict[tuple[str, str | None], Line] = {}
    for value in kept:
        inputs: dict[str, Line] = {}
        for one in asked.series:
            empty = one.empty if asked.per is None else None
            inputs[one.name] = [cells[one.name].get(bucket, {}).get(value, empty) for bucket in order]
        if asked.formula is None:
            result |= {(name, value): _made(asked, line) for name, line in inputs.items()}
            continue
        if asked.cumulative:
            inputs = {name: _running(line) for name, line in inputs.items()}
        line = [
            computed(asked.formula, {name: one[n] for name, one in inputs.items()}) for n in range(len(order))
        ]
        result[FORMULA, value] = _smoothed(line, asked.smooth)
    return result


def _made(asked: TrendQuestion, line: Line) -> Line:
    return _smoothed(_running(line) if asked.cumulative else line, asked.smooth)


def _running(line: Line) -> Line:
    return list(accumulate(value or 0.0 for value in line))


def _smoothed(line: Line, width: int | None) -> Line:
    """The mean of `width` buckets up to each; empty before there are so many, and where one of them is empty."""
    if width is None:
        return line
    result: Line = []
    for end in range(1, len(line) + 1):
        here = [value for value in line[max(0, end - width) : end] if value is not None]
        result.append(sum(here) / width if len(here) == width else None)
    return result


def _earlier(
    asked: TrendQuestion, found: Mapping[str, pa.Table], kept: list[str | None], zone: str
) -> tuple[list[Any], dict[tuple[str, str | None], Line]]:
    """Its buckets, and the values in them."""
    order, cells = _cells(asked.earlier, found, " before", zone)
    return order, _lines(asked, order, cells, [value for value in kept if value != OTHER])


def _compared(asked: TrendQuestion, now: float | None, line: Line, place: int) -> tuple[float | None, ...]:
    if not asked.compare:
        return ()
    before = line[place] if place < len(line) else None
    return before, None if now is None or not before else now / before - 1


def _columns(asked: TrendQuestion, labels: list[str]) -> tuple[AnswerColumn, ...]:
    name = asked.every if asked.every != "all" else "period"
    columns = [AnswerColumn(name=name, type="date" if asked.every != "hour" else "time")]
    if len(labels) > 1:
        columns.append(AnswerColumn(name="series", type="text"))
    columns += series_columns(asked.by)
    single = asked.series[0].measure if len(asked.series) == 1 else "value"
    columns.append(AnswerColumn(name=FORMULA if asked.formula else single, type="number"))
    if asked.compare:
        columns += [AnswerColumn(name="before", type="number"), AnswerColumn(name="change", type="percent")]
    return tuple(columns)


def definition_of(asked: TrendQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    several = len(asked.series) > 1
    lines = []
    for one in asked.series:
        events = " or ".join(one.selector.events) if several else ", ".join(one.selector.events)
        told = f"{one.measure} of {events or 'all product events'}"
        told += f" where {one.selector.where}" if one.selector.where else ""
        lines.append(f"{one.name}: {told}" if several or asked.formula else told)
    lines += scope_lines(asked.scope, zone=zone)
    if asked.every == "week":
        lines.append("weeks start on Monday")
    for name in ("people", "accounts"):
        if any(one.measure == name for one in asked.series):
            lines.append(
                f"an event without {'a person' if name == 'people' else 'an account'} does not count"
            )
    if asked.per:
        lines.append(
            f"per {asked.per}: divided by the different {SIMPLE[1 if asked.per == 'person' else 2]} of the bucket"
        )
    if asked.cumulative:
        lines.append(
            "cumulative: running totals from the first day"
            + (" in each series of the formula" if asked.formula else "")
        )
    if asked.formula:
        lines.append(f"formula {asked.formula}; empty where a series is, and for a division by nought")
    if asked.smooth:
        lines.append(f"moving average of {asked.smooth} buckets, this one and those before")
    if asked.compare:
        scope = asked.earlier.scope
        lines.append(f"before: {scope.first} to {scope.last}, bucket by bucket")
    return tuple(lines)
