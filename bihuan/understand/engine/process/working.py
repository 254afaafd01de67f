"""Working time in an expression: how much of it lies before a moment, by a table of days that stands beside the events.

The working time between two moments is the difference of what lies before each of them, so that one join gives it for any
pair of events, on every engine, in whole microseconds.
"""

from datetime import date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.base.calendars import Calendar
from bihuan.base.calendars.reading import MOST_SPANS

WORKING = "working_days"
_SPANS = tuple((f"begin_{n}", f"end_{n}") for n in range(1, MOST_SPANS + 1))
_NAMES = ("day", "before", *(name for span in _SPANS for name in span))
_EPOCH = date(1970, 1, 1)


def working_days(calendar: Calendar, *, first: date, last: date) -> pa.Table:
    """A row a day, all columns int64: `day` (since 1970), `before` (µs of working time from `first` up to its midnight), and
    when its spans begin and end (µs since 1970; nought and nought where there are fewer)."""
    rows: list[dict[str, Any]] = []
    before = 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        spans = [(_us(begin), _us(end)) for begin, end in calendar.open_on(day)]
        row: dict[str, Any] = {"day": (day - _EPOCH).days, "before": before}
        for (begin, end), found in zip(_SPANS, [*spans, *[(0, 0)] * MOST_SPANS], strict=False):
            row |= {begin: found[0], end: found[1]}
        rows.append(row)
        before += sum(end - begin for begin, end in spans)
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.int64()) for name in _NAMES]))


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def with_worked(t: ir.Table) -> ir.Table:
    """The events (with `us` and `day`) with `worked`: µs of working time before each of them."""
    days = ibis.table(dict.fromkeys(_NAMES, "int64"), name=WORKING)
    days = days.select(**{f"on_{name}": days[name] for name in _NAMES})
    t = t.mutate(day_number=t.day.delta(ibis.literal(_EPOCH), unit="day").cast("int64"))
    t = t.join(days, t.day_number == days.on_day)
    worked = t.on_before
    for begin, end in _SPANS:
        length = t[f"on_{end}"] - t[f"on_{begin}"]
        worked = worked + ibis.greatest(ibis.literal(0, "int64"), ibis.least(t.us - t[f"on_{begin}"], length))
    return t.mutate(worked=worked).drop("day_number", *(f"on_{name}" for name in _NAMES))
