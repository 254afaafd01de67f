"""The one scan that marks events for loops, where rules speak of more than names."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from bihuan.understand.engine.scope import (
    Reach,
    Scope,
    Selector,
    chosen,
    in_scope,
    microseconds,
    since_ever,
    unit_of,
)


def plan_scan(
    scope: Scope,
    selectors: Sequence[Selector],
    *,
    ever: bool,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
) -> ir.Table:
    """`unit` (null when there is none), `us` and `mask` (bit n: selector n means the event) of every event that one of
    them means, ascending by unit and time; with `ever` also before the scope's first day."""  # fmt: skip
    t = (since_ever if ever else in_scope)(events, scope, reach=reach)
    marks = [
        ibis.cases((chosen(t, one, internal_source=internal_source, field="where"), 1 << place), else_=0)
        for place, one in enumerate(selectors)
    ]
    t = t.select(
        unit=unit_of(t, scope.unit), us=microseconds(t.ts), mask=sum(marks[1:], marks[0]).cast("int32")
    )
    return t.filter(t.mask != 0).order_by(["unit", "us"])
