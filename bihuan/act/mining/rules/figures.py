"""Figures of the steps of a log: how often, how long it waits, how long it takes, again, too late."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bihuan.act.mining.rules.log import Bools, Floats, Ints, Log


@dataclass(frozen=True, kw_only=True)
class Times:
    """Of `n` known times: median and 90th percentile in seconds (linear between the two nearest), None where none is known."""

    n: int
    p50: float | None = None
    p90: float | None = None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One group of steps. Rework is an activity done again in the same case (SEMANTICS 27); `late` counts steps that were done
    after their time limit, of the `limited` that had one."""

    key: str
    steps: int
    cases: int
    rework_cases: int
    rework_steps: int
    waiting: Times
    work: Times
    limited: int
    late: int


def times_of(seconds: Floats) -> Times:
    """Median and p90 of what is known."""
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return Times(n=0)
    p50, p90 = np.percentile(known, (50, 90))
    return Times(n=len(known), p50=float(p50), p90=float(p90))


def figures(
    log: Log, *, keys: tuple[str, ...], key_of: Ints, again: Bools | None = None
) -> tuple[Figure, ...]:
    """One figure for each key; `key_of` says for each step which one it counts for (-1: none). `again` marks rework, else it is
    an activity that the case has done before."""
    repeated = done_again(log) if again is None else again
    order = np.argsort(key_of, kind="stable")
    bounds = np.searchsorted(key_of[order], np.arange(len(keys) + 1))
    return tuple(
        _figure(log, key, order[bounds[number] : bounds[number + 1]], repeated)
        for number, key in enumerate(keys)
    )


def _figure(log: Log, key: str, rows: Ints, again: Bools) -> Figure:
    repeated = rows[again[rows]]
    return Figure(
        key=key, steps=len(rows), cases=len(np.unique(log.case[rows])), rework_steps=len(repeated),
        rework_cases=len(np.unique(log.case[repeated])), waiting=times_of(log.waiting[rows]), work=times_of(log.work[rows]),
        limited=int(log.limited[rows].sum()), late=int(log.late[rows].sum()),
    )  # fmt: skip


def done_again(log: Log) -> Bools:
    """Marks each step whose activity the same case has done before."""
    pairs = log.case * max(1, len(log.activities)) + log.activity
    _, first = np.unique(pairs, return_index=True)
    again = np.ones(len(pairs), np.bool_)
    again[first] = False
    return again


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The log in numbers: `days` from the first to the last moment of each ended case, `pairs` the directly-follows pairs."""

    cases: int
    ended: int
    steps: int
    variants: int
    pairs: int
    rework_cases: int
    rework_steps: int
    days: Times
    late_cases: int
    limited_cases: int


DAY_US = 86_400_000_000


def whole(log: Log, *, again: Bools | None = None) -> Whole:
    """All of it; `again` marks rework as in `figures`."""
    again = done_again(log) if again is None else again
    ended = log.ended & (log.ended_us >= 0)
    days = (log.ended_us[ended] - log.started_us[ended]) / DAY_US
    lengths = np.diff(log.bounds)
    return Whole(
        cases=len(log.cases), ended=int(ended.sum()), steps=len(log.case), variants=len(log.variants),
        pairs=int(np.maximum(lengths - 1, 0).sum()), rework_cases=len(np.unique(log.case[again])),
        rework_steps=int(again.sum()), days=times_of(days.astype(np.float64)),
        late_cases=len(np.unique(log.case[log.late])), limited_cases=len(np.unique(log.case[log.limited])),
    )  # fmt: skip


def grouped(texts: Mapping[int, str], codes: Ints) -> tuple[tuple[str, ...], Ints]:
    """Codes (-1: none) as places in the keys that occur; the keys by their text."""
    present = [one for one in np.unique(codes).tolist() if one in texts]
    ranked = sorted(present, key=lambda one: texts[one])
    place = {one: number for number, one in enumerate(ranked)}
    found = np.fromiter((place.get(one, -1) for one in codes.tolist()), np.int64, len(codes))
    return tuple(texts[one] for one in ranked), found
