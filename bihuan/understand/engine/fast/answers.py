"""Rows of a question out of tracks, in the shape that its plan would give; nothing where only the plan can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bihuan.understand.engine.fast.activity import lifecycle, stickiness
from bihuan.understand.engine.fast.funnel import NEVER, funnel
from bihuan.understand.engine.fast.path import MOST_NAMES, links
from bihuan.understand.engine.fast.retention import retention
from bihuan.understand.engine.fast.run import Array, Track
from bihuan.understand.engine.fast.trend import counts
from bihuan.understand.engine.funnel import FunnelQuestion
from bihuan.understand.engine.funnel.plan import QUANTILES
from bihuan.understand.engine.lifecycle import STATES, LifecycleQuestion
from bihuan.understand.engine.path import PathQuestion
from bihuan.understand.engine.retention import SPAN_DAYS, RetentionQuestion
from bihuan.understand.engine.scope import (
    DAY_US,
    Scope,
    Selector,
    after,
    buckets_between,
    no_unit,
    start_of,
)
from bihuan.understand.engine.stickiness import StickinessQuestion
from bihuan.understand.engine.trend import TrendQuestion

Tables = dict[str, pa.Table]


class Loose(Protocol):
    """Events without a unit: see capture/store/tracks.py."""

    @property
    def code(self) -> Array: ...
    @property
    def day(self) -> Array: ...
    @property
    def count(self) -> Array: ...


class Tracks(Protocol):
    """Everything there is of people or accounts: see capture/store/tracks.py."""

    @property
    def parts(self) -> Sequence[Any]: ...
    @property
    def codes(self) -> Mapping[str, int]: ...
    @property
    def loose(self) -> Sequence[Loose] | None: ...
    def numbers(self, chosen: Mapping[str, int] | None, *, ours: bool = True) -> Array: ...


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the loops stand on: the tracks by "person" or "account" (None when there are none), the accounts that count
    (None: all), and the organisation's zone."""

    tracks: Callable[[Literal["person", "account"]], Tracks | None]
    accounts: Array | None
    zone: str

    def midnight(self, day: date) -> int:
        """The start of a day, µs since 1970."""
        return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).timestamp()) * 1_000_000

    def bounds(self, buckets: Iterable[date], every: str) -> Array:
        """The starts of the buckets, and the end of the last."""
        days = list(buckets)
        return np.array([self.midnight(day) for day in (*days, after(days[-1], every))], np.int64)

    def span(self, scope: Scope) -> tuple[int, int]:
        """The first moment of the scope, and the first one after it."""
        return self.midnight(scope.first), self.midnight(scope.last + timedelta(days=1))

    def found(self, unit: str) -> Units | None:
        """The units whose loops may run."""
        tracks = self.tracks("account" if unit == "account" else "person")
        if tracks is None:
            return None
        if self.accounts is None:
            return Units(tracks=tracks, parts=tuple(tracks.parts))
        if unit == "account":
            return Units(
                tracks=tracks, parts=tuple(_only(one, self.accounts) for one in tracks.parts), limited=True
            )
        return Units(tracks=tracks, parts=tuple(tracks.parts), limited=True, accounts=self.accounts)


@dataclass(frozen=True, kw_only=True)
class Units:
    """Tracks; `limited` when not every account counts, and then the ids of those that do for tracks of people."""

    tracks: Tracks
    parts: tuple[Any, ...]
    limited: bool = False
    accounts: Array | None = None

    def chosen(self, selector: Selector) -> Array:
        """1 where an event is selected, by what stands in Track.code."""
        if selector.events:
            return self.tracks.numbers(dict.fromkeys(selector.events, 1))
        return self.tracks.numbers(None, ours=False)

    def left_out(self, scope: Scope, selectors: Sequence[Selector]) -> Tables:
        """The table `left_out`: events of the selectors that have no unit; empty when the index must be asked."""
        loose = self.tracks.loose
        if loose is None or self.limited:
            return {}
        first, last = ((day - date(1970, 1, 1)).days for day in (scope.first, scope.last))
        number = 0
        for one in loose:
            taken = np.zeros(len(one.code), bool)
            for selector in selectors:
                taken |= self.chosen(selector)[one.code] > 0
            number += int(one.count[taken & (one.day >= first) & (one.day <= last)].sum())
        return {"left_out": pa.table({no_unit(scope.unit): [number]})}


def _only(track: Any, accounts: Array) -> Track:
    skip = track.skip | ~np.isin(track.units, accounts)
    made: Track = replace(track, skip=skip.astype(np.uint8))
    return made


def fast_answer(question: Any, *, ground: Ground) -> Tables:
    """The tables that loops give for the question, by the names of its plans; those that are missing must be planned."""
    answer = _ANSWERS.get(type(question))
    return answer(question, ground) if answer else {}


def _plain(scope: Scope, *selectors: Selector) -> bool:
    return (
        scope.where is None
        and scope.unit in ("person", "account")
        and all(one.where is None for one in selectors)
    )


def _funnel(q: FunnelQuestion, ground: Ground) -> Tables:
    names = [name for step in q.steps for name in step.events]
    if (
        not _plain(q.scope, *q.steps) or q.order != "ordered" or q.exclude or q.hold or q.by or q.every or q.listed
        or len(set(names)) < len(names)  # an event that fits two steps
    ):  # fmt: skip
        return {}
    units = ground.found(q.scope.unit)
    if units is None:
        return {}
    first, until = ground.span(q.scope)
    step_of = units.tracks.numbers({name: k for k, step in enumerate(q.steps, 1) for name in step.events})
    found = funnel(
        units.parts, step_of=step_of, steps=len(q.steps), first=first, until=until, within=q.within,
        optimised=q.reentry == "optimised", accounts=units.accounts,
    )  # fmt: skip
    row: dict[str, Any] = {"series": pa.nulls(1, pa.string()), "bucket": pa.nulls(1, pa.date32())}
    for k in range(1, len(q.steps) + 1):
        row[f"units_{k}"] = [int((found.reached >= k).sum())]
        if k == 1:
            continue
        took = found.took[:, k - 2]
        seconds = took[(found.reached >= k) & (took != NEVER)] / 1_000_000
        row[f"mean_{k}"] = pa.array([seconds.mean() if len(seconds) else None], pa.float64())
        values = (
            np.quantile(seconds, [p / 100 for p in QUANTILES]) if len(seconds) else [None] * len(QUANTILES)
        )
        row |= {
            f"p{p}_{k}": pa.array([value], pa.float64()) for p, value in zip(QUANTILES, values, strict=True)
        }
    rows = pa.table(row)
    return {"rows": rows if len(found.units) else rows.slice(0, 0)} | units.left_out(q.scope, q.steps)


def _retention(q: RetentionQuestion, ground: Ground) -> Tables:
    units = ground.found(q.scope.unit) if _plain(q.scope, q.start, q.back) and q.by is None else None
    if units is None:
        return {}
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
    units = ground.found(q.scope.unit) if _plain(q.scope, q.activity) else None
    if units is None:
        return {}
    wanted = buckets_between(q.scope.first, q.scope.last, q.every)
    before = start_of(wanted[0] - timedelta(days=1), q.every)
    cells = lifecycle(units.parts, starts=ground.bounds([before, *wanted], q.every), until=ground.span(q.scope)[1],
                      active_of=units.chosen(q.activity), accounts=units.accounts)[1:]  # fmt: skip
    bucket, state = np.nonzero(cells)
    rows = pa.table({
        "bucket": pa.array([wanted[place] for place in bucket], pa.date32()),
        "state": pa.array([STATES[place] for place in state], pa.string()), "units": cells[bucket, state],
    })  # fmt: skip
    return {"rows": rows} | units.left_out(q.scope, [q.activity])


def _stickiness(q: StickinessQuestion, ground: Ground) -> Tables:
    units = ground.found(q.scope.unit) if _plain(q.scope, q.activity) and q.by is None else None
    if units is None:
        return {}
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
    if measure not in ("people", "accounts") or q.by not in (None, "event") or q.every in ("hour", "all"):
        return {}
    unit = "person" if measure == "people" else "account"
    if q.per or len(q.series) > 1 or selector.where is not None or q.scope.where is not None:
        return {}
    if (units := ground.found(unit)) is None:
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


def _path(q: PathQuestion, ground: Ground) -> Tables:
    selectors = [q.events] if q.anchor is None else [q.events, q.anchor]
    units = ground.found(q.scope.unit) if _plain(q.scope, *selectors) else None
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
        "step": step, "name": pa.array([names[place] for place in near], pa.string()),
        "then": pa.array([None if place == len(names) else names[place] for place in then], pa.string()),
        "units": cells[step, near, then],
    })  # fmt: skip
    return {"rows": rows} | units.left_out(q.scope, selectors)


_ANSWERS: dict[type, Callable[[Any, Ground], Tables]] = {
    FunnelQuestion: _funnel, RetentionQuestion: _retention, LifecycleQuestion: _lifecycle,
    StickinessQuestion: _stickiness, TrendQuestion: _trend, PathQuestion: _path,
}  # fmt: skip
