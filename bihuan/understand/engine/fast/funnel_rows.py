"""The rows of a funnel out of the attempts of its units, in the shape that its plan would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.understand.engine.fast.attempts import Marks, attempts
from bihuan.understand.engine.fast.breakdown import Breakdown
from bihuan.understand.engine.fast.funnel import NEVER, Attempts, funnel
from bihuan.understand.engine.fast.ground import Ground, Tables, Units
from bihuan.understand.engine.fast.run import Array
from bihuan.understand.engine.funnel import FunnelQuestion
from bihuan.understand.engine.funnel.plan import QUANTILES
from bihuan.understand.engine.scope import buckets_between

MOST_MARKS = 12  # a table of all their combinations is kept


def funnel_tables(q: FunnelQuestion, ground: Ground) -> Tables:
    """`rows` and with a breakdown or buckets `total`; and `left_out` where it is known."""
    if (walked := attempts_of(q, ground)) is None:
        return {}
    found, units = walked
    left_out = {} if q.hold else units.left_out(q.scope, q.steps)
    rows = {"rows": _rows(q, found, by=units.by, ground=ground)}
    total = _counted(q, found, np.zeros(len(found.units), np.int64), groups=1)
    return rows | ({"total": total} if q.by or q.every else {}) | left_out


def attempts_of(q: FunnelQuestion, ground: Ground) -> tuple[Attempts, Units] | None:
    """The attempts, and the events that they were found in; None for a funnel of too many kinds of events."""
    selectors = (*q.steps, *(one.selector for one in q.exclude))
    if len(set(selectors)) > MOST_MARKS:
        return None
    asked: dict[str, Any] = {"others": q.order == "strict", "by": q.by, "hold": q.hold}
    units = ground.units(q.scope, *selectors, **asked, exact=q.hold is not None)
    first, until = ground.span(q.scope)
    optimised, step_of = q.reentry == "optimised", units.steps(q.steps)
    if q.order == "ordered" and not (q.exclude or q.hold or q.by) and step_of is not None:
        return funnel(
            units.parts, step_of=step_of, steps=len(q.steps), first=first, until=until, within=q.within,
            optimised=optimised, accounts=units.accounts,
        ), units  # fmt: skip
    marks = _marks(q, units)
    if q.hold is None and _ambiguous(marks, units):
        units = ground.units(q.scope, *selectors, **asked, exact=True)
        marks = _marks(q, units)
    return attempts(
        units.parts, marks=marks, steps=len(q.steps), first=first, until=until, within=q.within, order=q.order,
        optimised=optimised, by=units.by, by_step=q.by_step, accounts=units.accounts,
    ), units  # fmt: skip


def _marks(q: FunnelQuestion, units: Units) -> Marks:
    """From what stands in Track.code."""
    chosen = [units.chosen(one) > 0 for one in q.steps]
    steps = np.sum([there << k for k, there in enumerate(chosen)], axis=0).astype(np.int32)
    outs = np.zeros(len(steps), np.int32)
    for one in q.exclude:
        zone = sum(1 << step for step in range(one.after, one.before))
        outs |= np.where(units.chosen(one.selector) > 0, zone, 0).astype(np.int32)
    matters = (steps > 0) | (outs > 0)
    if q.order == "strict":
        matters |= units.others(q.steps) > 0
    fits, none = np.array(chosen), len(q.steps)
    low = np.where(steps > 0, fits.argmax(axis=0), none)
    high = np.where(steps > 0, none - 1 - fits[::-1].argmax(axis=0), none)
    _values, rank = np.unique(low * (none + 1) + high, return_inverse=True)
    return Marks(steps=steps, outs=outs, rank=np.where(matters, rank, -1).astype(np.int32))


def _ambiguous(marks: Marks, units: Units) -> bool:
    """Whether two events of one rank mean different things, so that those of one moment need an order between them."""
    there = units.there()
    there = there[(marks.rank[there] >= 0) & (marks.steps[there] > 0)]
    kinds = {(int(marks.rank[one]), int(marks.steps[one]), int(marks.outs[one])) for one in there}
    return len({rank for rank, _steps, _outs in kinds}) < len(kinds)


def _rows(q: FunnelQuestion, found: Attempts, *, by: Breakdown, ground: Ground) -> pa.Table:
    """A row for each series and bucket that somebody is in."""
    buckets: list[Any] = buckets_between(q.scope.first, q.scope.last, q.every) if q.every else [None]
    place = np.zeros(len(found.units), np.int64)
    if q.every:
        place = np.searchsorted(ground.bounds(buckets, q.every), found.start, side="right") - 1
    there, group = np.unique(place * (len(by.texts) + 1) + found.series, return_inverse=True)
    counted = _counted(q, found, group, groups=len(there))
    bucket, series = np.divmod(there, len(by.texts) + 1)
    columns = {
        "series": pa.array([by.text(one) for one in series.tolist()], pa.string()),
        "bucket": pa.array([buckets[one] for one in bucket], pa.date32()),
    }
    return pa.table(columns | dict(zip(counted.column_names, counted.columns, strict=True)))


def _counted(q: FunnelQuestion, found: Attempts, group: Array, *, groups: int) -> pa.Table:
    """A row a group: units by step, and how long they took."""
    columns: dict[str, Any] = {}
    for k in range(1, len(q.steps) + 1):
        columns[f"units_{k}"] = np.bincount(group[found.reached >= k], minlength=groups).astype(np.int64)
        if k == 1:
            continue
        took = found.took[:, k - 2]
        there = (found.reached >= k) & (took != NEVER)
        seconds, owner = took[there] / 1_000_000, group[there]
        order = np.lexsort((seconds, owner)) if groups > 1 else np.argsort(seconds)
        seconds, sizes = seconds[order], np.bincount(owner, minlength=groups)
        none, starts = sizes == 0, np.cumsum(sizes) - sizes
        sums = np.bincount(owner[order], weights=seconds, minlength=groups)
        columns[f"mean_{k}"] = pa.array(sums / np.maximum(sizes, 1), mask=none)
        for p in QUANTILES:
            columns[f"p{p}_{k}"] = pa.array(_quantile(seconds, starts, sizes, p / 100), mask=none)
    return pa.table(columns)


def _quantile(values: Array, starts: Array, sizes: Array, share: float) -> Array:
    """Of each group of ascending values, interpolated between neighbours; of an empty one any number."""
    if not len(values):
        return np.zeros(len(sizes))
    place = share * np.maximum(sizes - 1, 0)
    low = np.floor(place).astype(np.int64)
    last = len(values) - 1
    left, right = (values[np.minimum(starts + one, last)] for one in (low, np.ceil(place).astype(np.int64)))
    result: Array = left + (right - left) * (place - low)
    return result
