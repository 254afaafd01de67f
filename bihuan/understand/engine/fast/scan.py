"""The one scan that marks events for loops, where rules speak of more than names."""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from bihuan.understand.engine.scope import (
    Reach,
    Scope,
    Selector,
    chosen,
    in_scope,
    microseconds,
    property_text,
    unit_of,
    with_series,
)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What is to be scanned: the events that one of the selectors means.

    `ever`: also before the scope's first day; `since`: from that day on. `others`: also all other product events and those
    of the same names. `by`: a breakdown, `hold`: a property. `exact`: those of one moment in the order that plans take.
    """

    scope: Scope
    selectors: tuple[Selector, ...]
    ever: bool = False
    since: date | None = None
    others: bool = False
    exact: bool = False
    by: str | None = None
    hold: str | None = None


def plan_scan(
    scan: Scan, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None = None
) -> ir.Table:
    """`unit` (null when there is none), `us` and `mask` (bit n: selector n means the event) of every such event, ascending
    by unit and time; with `by` also `series` and with `hold` also `held`, texts."""
    first = date(1900, 1, 1) if scan.ever else scan.since
    t = in_scope(events, scan.scope, reach=reach, first=first)
    names = {name for one in scan.selectors for name in one.events}
    if scan.others:
        t = t.filter(t.name.isin(sorted(names)) | (t.source_id != internal_source))
    elif all(one.events for one in scan.selectors):
        t = t.filter(t.name.isin(sorted(names)))
    more: dict[str, ir.Value] = {}
    if scan.by:
        t = with_series(t, scan.by, traits=traits)
        more["series"] = t.series
    if scan.hold:
        more["held"] = property_text(t, scan.hold)
    marks = [
        ibis.cases((chosen(t, one, internal_source=internal_source, field="where"), 1 << place), else_=0)
        for place, one in enumerate(scan.selectors)
    ]
    order = ["unit", "us", *(["event_id", "source_id"] if scan.exact else [])]
    t = t.select(
        *order[2:], unit=unit_of(t, scan.scope.unit), us=microseconds(t.ts), mask=sum(marks[1:], marks[0]).cast("int32"),
        **more,
    )  # fmt: skip
    return (t if scan.others else t.filter(t.mask != 0)).order_by(order).drop(*order[2:])
