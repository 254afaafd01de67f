"""The process's answer: rows as `show` asks, the headline numbers, and which cases are behind them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.left_out import shape_nameless
from bihuan.understand.engine.listing import LEFT_OUT, Cell, shape_list, told_left_out
from bihuan.understand.engine.process.plan import ARROW, SEPARATOR, measured
from bihuan.understand.engine.process.question import ONLY_STARTED, ProcessQuestion
from bihuan.understand.engine.scope import Names, plain_names, scope_lines, series_columns

Row = Mapping[str, Any]


def shape_process(
    q: ProcessQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """Rows as `show` asks; the headline numbers in the summary."""
    if q.listed is not None and LEFT_OUT in q.listed and q.listed.get(LEFT_OUT) != ONLY_STARTED:
        return shape_nameless("process", q.listed, found=found, definition=definition_of(q, zone=zone))
    if q.listed is not None:
        return _list_of_cases(q, q.listed, found, zone=zone)
    totals = (found["totals"].to_pylist() or [{}])[0] | (found["steps"].to_pylist() or [{}])[0]
    whole_ones = ("cases", "events", "activities", "variants", "directly_follows", "pairs", "rework_cases", "rework_events",
                  "length_max")  # fmt: skip
    summary: dict[str, Any] = {name: int(totals.get(name) or 0) for name in whole_ones}
    rest = ("length_mean", *(f"duration_{one}_days" for one in ("mean", "p50", "p90", "max")))
    summary |= {name: totals.get(name) for name in rest}
    summary |= {f"{name}_hours": totals.get(name) for name in _hours(q, "cases")}
    raw = found["rows"].to_pylist()
    titles = names(q.by, list(dict.fromkeys(row["series"] for row in raw)))
    columns, made = _shown(q, summary["cases"])
    rows = tuple(((titles[row["series"]],) if q.by else ()) + made(row) for row in raw)
    behind = tuple(_behind(q, row) for row in raw)
    told = told_left_out(found)
    if ONLY_STARTED in told["left_out"]:
        told["behind_left_out"][ONLY_STARTED] = {LEFT_OUT: ONLY_STARTED}
        del told["nobody"][ONLY_STARTED]
    again = {"rework": True}
    of_all: dict[str, dict[str, Any]] = {"cases": {}, "rework_cases": again, "rework_events": again}
    # whatever else is told, of all and in a row, is of these cases
    drawn = {name: "cases" for name in (*summary, *(column.name for column in columns)) if name not in of_all}
    return Answer(
        kind="process", question={}, definition=definition_of(q, zone=zone), columns=(*series_columns(q.by), *columns),
        rows=rows, summary=summary, behind=behind, behind_summary=of_all, drawn_from=drawn, **told,
    )  # fmt: skip


def _hours(q: ProcessQuestion, show: str) -> tuple[str, ...]:
    """The columns of working, waiting and service time that `show` has: of a case all of it, of a step its own."""
    if show in ("variants", "cases"):
        names = [*(["working"] if q.calendar else []), *(["waiting", "service"] if q.transition else [])]
    else:
        names = [*(["waiting"] if measured(q) else []), *(["service"] if q.transition else [])]
    return tuple(f"{name}_{kind}" for name in names for kind in ("mean", "p50"))


def _behind(q: ProcessQuestion, row: Row) -> dict[str, dict[str, Any]]:
    """Which cases are behind the numbers of a row."""
    named: dict[str, Any] = {"series": row["series"]} if q.by else {}
    if q.show == "variants":
        return {"cases": {"variant": row["variant"].split(SEPARATOR)} | named}
    if q.show == "cases":
        again = {"rework": True} | named
        return {"cases": named, "rework_cases": again, "rework_events": again}
    here = {"activity": row["activity"]} | named
    if q.show == "follows":
        here |= {"then": row["then"]}
        return {"frequency": here, "cases": here}
    again = here | {"rework": True}
    return {"events": here, "cases": here, "rework_cases": again, "rework_events": again,
            "starts": here | {"start": True}, "ends": here | {"end": True}}  # fmt: skip


def _list_of_cases(q: ProcessQuestion, cell: Cell, found: Mapping[str, pa.Table], *, zone: str) -> Answer:
    """A row a case; its account is the greatest id that its events name."""
    own = q.scope.unit == "account"
    whole = LEFT_OUT not in cell  # a case that completed nothing has neither steps nor a duration
    columns = (
        *(() if own else (AnswerColumn(name="account", type="text"),)), *(_numbers("times") if whole else ()),
        AnswerColumn(name="events", type="number"), *(_numbers("duration_days", unit="d") if whole else ()),
    )  # fmt: skip
    names = (
        *(() if own else ("account",)),
        *(("times",) if whole else ()),
        "events",
        *(("days",) if whole else ()),
    )
    return shape_list(
        kind="process", unit=q.scope.unit, cell=cell, found=found, definition=definition_of(q, zone=zone), columns=columns,
        values_of=lambda row: tuple(row[name] for name in names),
    )  # fmt: skip


def definition_of(q: ProcessQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    lines = [
        f"case: {q.scope.unit}; activity: {q.activity or 'name of the event'}; events: {q.events.title}",
        "events of a case in order of time, ties by when they were received, then by id",
        "variant: the sequence of activities; directly-follows: neighbours in a case; rework: an activity done again in "
        "the same case",
        "duration: wall clock from the first to the last event of the case inside the period; percentiles interpolated",
        f"an event without {q.scope.unit} does not count",
    ]
    if q.calendar is not None:
        lines.append(f"working, waiting and service time run on the calendar ({q.hours}) in {zone}")
    if q.transition is not None:
        lines.append(
            f"a step is a completion by {q.transition}; service: from the first start since the activity was last completed "
            "in the case to its completion; waiting: from the completion of the step before to that start"
        )
    elif measured(q):
        lines.append(
            "waiting: from the event before; the events tell no start, so service time is part of it"
        )
    if q.by:
        lines.append(f"by {q.by} of the case's first event")
    return (*lines, *scope_lines(q.scope, zone=zone))


def _shown(
    q: ProcessQuestion, cases: int
) -> tuple[tuple[AnswerColumn, ...], Callable[[Row], tuple[Any, ...]]]:
    """Columns, and how a row of the engine fills them."""
    days = _numbers("mean", "p50", "p90", unit="d")
    more = _hours(q, q.show)
    hours = _numbers(*more, unit="h")
    if q.show == "variants":
        return (
            (*_texts("variant"), *_numbers("cases"), AnswerColumn(name="share", type="percent"), *_numbers("events"), *days,
             *hours),
            lambda row: (row["variant"].replace(SEPARATOR, ARROW), row["cases"], row["cases"] / cases, row["events"],
                         row["mean"], row["p50"], row["p90"], *_picked(row, more)),
        )  # fmt: skip
    if q.show == "follows":
        keys: tuple[str, ...] = ("activity", "then", "frequency", "cases", "mean", "p50", "p90", *more)
        columns = (*_texts("activity", "then"), *_numbers("frequency", "cases"), *days, *hours)
        return columns, lambda row: _picked(row, keys)
    if q.show == "activities":
        keys = ("events", "cases", "rework_cases", "rework_events", "starts", "ends")
        return (*_texts("activity"), *_numbers(*keys), *hours), lambda row: (
            row["activity"], *(int(row[key]) for key in keys), *_picked(row, more)
        )  # fmt: skip
    keys = ("cases", "events", "variants", "rework_cases", "rework_events", "length_mean", "duration_mean_days",
            "duration_p50_days", "duration_p90_days")  # fmt: skip
    return (*_numbers(*keys), *hours), lambda row: _picked(row, (*keys, *more))


def _picked(row: Row, keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[key] for key in keys)


def _numbers(*names: str, unit: str = "") -> tuple[AnswerColumn, ...]:
    return tuple(AnswerColumn(name=name, type="number", unit=unit) for name in names)


def _texts(*names: str) -> tuple[AnswerColumn, ...]:
    return tuple(AnswerColumn(name=name, type="text") for name in names)
