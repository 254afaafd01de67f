"""Rows of a question out of tracks, in the shape that its plan would give; nothing where only the plan can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.understand.engine.attribution import AttributionQuestion
from bihuan.understand.engine.fast.activity import lifecycle, stickiness
from bihuan.understand.engine.fast.breakdown import Breakdown, by_value
from bihuan.understand.engine.fast.credit import credits
from bihuan.understand.engine.fast.funnel_rows import funnel_tables
from bihuan.understand.engine.fast.ground import Ground, Tables, prop_of
from bihuan.understand.engine.fast.path import MOST_NAMES, links
from bihuan.understand.engine.fast.retention import retention
from bihuan.understand.engine.fast.trend import counts, counts_by
from bihuan.understand.engine.funnel import FunnelQuestion
from bihuan.understand.engine.lifecycle import STATES, LifecycleQuestion
from bihuan.understand.engine.path import PathQuestion
from bihuan.understand.engine.retention import SPAN_DAYS, RetentionQuestion
from bihuan.understand.engine.scope import (
    DAY_US,
    Scope,
    buckets_between,
    start_of,
)
from bihuan.understand.engine.stickiness import StickinessQuestion
from bihuan.understand.engine.trend import TrendQuestion

EPOCH = date(1970, 1, 1)


def fast_answer(question: Any, *, ground: Ground) -> Tables:
    """The tables that loops give for the question, by the names of its plans; those that are missing must be planned."""
    if getattr(question, "listed", None) is not None:
        return {}
    answer = _ANSWERS.get(type(question))
    return answer(question, ground) if answer else {}


def _retention(q: RetentionQuestion, ground: Ground) -> Tables:
    if q.by is not None:
        return {}
    units = ground.units(q.scope, q.start, q.back, ever=q.cohorts == "first")
    first, until = ground.span(q.scope)
    cohorts = buckets_between(q.scope.first, q.scope.last, q.every)
    cells = retention(
        units.parts, first=first, until=until, starts=ground.bounds(cohorts, q.every), periods=q.periods,
        start_of=units.chosen(q.start), back_of=units.chosen(q.back),
        span=SPAN_DAYS[q.every] * DAY_US if q.clock == "rolling" else 0, once=q.cohorts == "first",
        later=q.returned == "on_or_after", accounts=units.accounts,
    )  # fmt: skip
    bucket, n = np.nonzero(cells)
    rows = pa.table({
        "cohort": pa.array([cohorts[place] for place in bucket], pa.date32()), "series": pa.nulls(len(n), pa.string()),
        "n": n.astype(np.int64), "units": cells[bucket, n],
    })  # fmt: skip
    return {"rows": rows} | units.left_out(q.scope, [q.start])


def _lifecycle(q: LifecycleQuestion, ground: Ground) -> Tables:
    if q.by is not None:
        return {}
    units = ground.units(q.scope, q.activity, ever=True)
    wanted = buckets_between(q.scope.first, q.scope.last, q.every)
    before = start_of(wanted[0] - timedelta(days=1), q.every)
    cells = lifecycle(units.parts, starts=ground.bounds([before, *wanted], q.every), until=ground.span(q.scope)[1],
                      active_of=units.chosen(q.activity), accounts=units.accounts)[1:]  # fmt: skip
    bucket, state = np.nonzero(cells)
    rows = pa.table({
        "bucket": pa.array([wanted[place] for place in bucket], pa.date32()), "series": pa.nulls(len(state), pa.string()),
        "state": pa.array([STATES[place] for place in state], pa.string()), "units": cells[bucket, state],
    })  # fmt: skip
    return {"rows": rows} | units.left_out(q.scope, [q.activity])


def _stickiness(q: StickinessQuestion, ground: Ground) -> Tables:
    if q.by is not None:
        return {}
    units = ground.units(q.scope, q.activity)
    first, until = ground.span(q.scope)
    found = stickiness(
        units.parts, first=first, until=until, active_of=units.chosen(q.activity), accounts=units.accounts,
        starts=ground.bounds(buckets_between(q.scope.first, q.scope.last, q.every), q.every),
    )  # fmt: skip
    n = np.flatnonzero(found)
    rows = pa.table({"series": pa.nulls(len(n), pa.string()), "n": n, "units": found[n]})
    return {"rows": rows} | units.left_out(q.scope, [q.activity])


def _trend(q: TrendQuestion, ground: Ground) -> Tables:
    measure, selector = q.series[0].measure, q.series[0].selector
    if prop_of(q.by) is not None and measure in ("count", "people", "accounts"):
        return _trend_by_value(q, ground)
    if measure not in ("people", "accounts") or q.by not in (None, "event") or q.every in ("hour", "all"):
        return {}
    unit = "person" if measure == "people" else "account"
    if q.per or len(q.series) > 1 or selector.where is not None or q.scope.where is not None:
        return {}
    if (units := ground.named(unit)) is None:
        return {}
    buckets = buckets_between(q.scope.first, q.scope.last, q.every)
    bounds = ground.bounds(buckets, q.every)
    bounds[0], bounds[-1] = ground.span(q.scope)
    names = sorted(selector.events or units.tracks.codes)
    numbered = {name: n for n, name in enumerate(names, 1)}
    series_of = units.tracks.numbers(numbered, ours=bool(selector.events)) if q.by else units.chosen(selector)
    _events, found = counts(units.parts, starts=bounds, series_of=series_of, series=len(names) if q.by else 1,
                            accounts=units.accounts)  # fmt: skip
    bucket, series = np.nonzero(found)
    texts = [names[place] for place in series] if q.by else [None] * len(series)
    return {"rows": pa.table({
        "bucket": pa.array([buckets[place] for place in bucket], pa.date32()), "series": pa.array(texts, pa.string()),
        "value": found[bucket, series].astype(np.float64),
    })}  # fmt: skip


def _trend_by_value(q: TrendQuestion, ground: Ground) -> Tables:
    """By a property that stands beside the tracks: events without a unit are counted by the day, name and value."""
    measure, selector = q.series[0].measure, q.series[0].selector
    plain = not q.per and len(q.series) == 1 and selector.where is None and q.scope.where is None
    unit = "account" if measure == "accounts" else "person"
    units = ground.named(unit, prop=prop_of(q.by)) if plain and q.every not in ("hour", "all") else None
    if units is None or units.tracks.texts is None:
        return {}
    by = by_value(units.tracks.texts)
    days = buckets_between(q.scope.first, q.scope.last, q.every)
    bounds = ground.bounds(days, q.every)
    bounds[0], bounds[-1] = ground.span(q.scope)
    events, found = counts_by(
        units.parts, starts=bounds, chosen=units.chosen(selector), by=by, accounts=units.accounts
    )
    if measure == "count":
        found = events
        loose = None if units.limited else units.tracks.loose
        if loose is None:
            return {}
        for one in loose:
            add_loose(found, one, by=by, chosen=units.chosen(selector), days=days, scope=q.scope)
    bucket, series = np.nonzero(found)
    return {"rows": pa.table({
        "bucket": pa.array([days[place] for place in bucket], pa.date32()),
        "series": pa.array([by.text(place) for place in series.tolist()], pa.string()),
        "value": found[bucket, series].astype(np.float64),
    })}  # fmt: skip


def add_loose(found: Any, loose: Any, *, by: Breakdown, chosen: Any, days: list[Any], scope: Scope) -> None:
    """Count events without a unit into their buckets."""
    first, last = ((day - EPOCH).days for day in (scope.first, scope.last))
    here = (chosen[loose.code] > 0) & (loose.day >= first) & (loose.day <= last)
    starts = np.array([(day - EPOCH).days for day in days])
    bucket = np.searchsorted(starts, loose.day[here], side="right").clip(min=1) - 1
    assert by.table is not None
    np.add.at(found, (bucket, by.table[loose.value[here]]), loose.count[here])


def _path(q: PathQuestion, ground: Ground) -> Tables:
    selectors = [q.events] if q.anchor is None else [q.events, q.anchor]
    plain = q.by is None and q.scope.where is None and all(one.where is None for one in selectors)
    units = ground.named(q.scope.unit) if plain and q.scope.unit in ("person", "account") else None
    if units is None or len(units.tracks.codes) > MOST_NAMES:
        return {}
    first, until = ground.span(q.scope)
    names: list[str | None] = [None] * (max(units.tracks.codes.values(), default=0) + 1)
    for name, code in units.tracks.codes.items():
        names[code] = name
    cells = links(
        units.parts, first=first, until=until, anchor_of=None if q.anchor is None else units.chosen(q.anchor),
        event_of=units.chosen(q.events), names=len(names), steps=q.steps, within=q.within,
        collapse=q.repeats == "collapse", back=q.back, accounts=units.accounts,
    )  # fmt: skip
    step, near, then = np.nonzero(cells)
    rows = pa.table({
        "series": pa.nulls(len(step), pa.string()), "step": step,
        "name": pa.array([names[place] for place in near], pa.string()),
        "then": pa.array([None if place == len(names) else names[place] for place in then], pa.string()),
        "units": cells[step, near, then],
    })  # fmt: skip
    return {"rows": rows} | units.left_out(q.scope, selectors)


def _attribution(q: AttributionQuestion, ground: Ground) -> Tables:
    if q.value is not None:
        return {}
    first, until = ground.span(q.scope)
    since = q.scope.first - timedelta(days=-(-q.within // DAY_US))
    for exact in (False, True):
        units = ground.units(q.scope, q.touch, q.conversion, since=since, by=q.by, exact=exact)
        found = credits(
            units.parts, touch_of=units.chosen(q.touch), conversion_of=units.chosen(q.conversion), exact=exact,
            since=ground.midnight(since), first=first, until=until, within=q.within, model=q.model, half_life=q.half_life,
            by=units.by, accounts=units.accounts,
        )  # fmt: skip
        if found is not None:
            break
    assert found is not None, "an exact order leaves nothing unclear"
    touches, owed, conversions = found
    there = np.flatnonzero(touches)
    rows = pa.table({
        "series": pa.array([units.by.text(one) for one in there.tolist()], pa.string()), "touches": touches[there],
        "credit": owed[there], "value": np.zeros(len(there)),
    })  # fmt: skip
    total = pa.table(
        {"conversions": [conversions], "value": pa.array([0.0 if conversions else None], pa.float64())}
    )
    return {"rows": rows, "total": total} | units.left_out(q.scope, [q.conversion])


_ANSWERS: dict[type, Callable[[Any, Ground], Tables]] = {
    FunnelQuestion: funnel_tables, RetentionQuestion: _retention, LifecycleQuestion: _lifecycle,
    StickinessQuestion: _stickiness, TrendQuestion: _trend, PathQuestion: _path,
    AttributionQuestion: _attribution,
}  # fmt: skip
