"""The funnel in every way of engine/funnel/plan.py: any order and strict order, steps that overlap, exclusions, a property held
constant, a breakdown. One unit after the other, event by event in the plan's order (time, then step).

For each step it is enough to carry the latest start of the attempts that stand there, and whether somebody stands there:
an exclusion, or the next step, lets all of them go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.understand.engine.fast.breakdown import Breakdown, value_of
from bihuan.understand.engine.fast.funnel import NEVER, Attempts, joined
from bihuan.understand.engine.fast.run import Array, allowed_of, compiled, over

ORDERS = ("ordered", "strict", "any")
_ORDERED, _STRICT, _ANY = range(3)


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What stands in Track.code, as the funnel sees it.

    `steps`: bit k - 1 is set when the event fits step k; `outs`: bit k when it ends attempts that stand at step k; `rank`:
    where it stands among events of one moment, from 0 on, -1 for events that do not matter.
    """

    steps: Array
    outs: Array
    rank: Array


def attempts(
    tracks: Sequence[Any],
    *,
    marks: Marks,
    steps: int,
    first: int,
    until: int,
    within: int,
    order: str,
    optimised: bool,
    by: Breakdown,
    by_step: int,
    accounts: Array | None = None,
) -> Attempts:
    """Each unit's best way through the steps in [first, until) (µs); `series` is the least value of the events of step
    `by_step` at that moment of the attempt that got furthest. Tracks with `held` keep attempts of one value apart."""
    limited, allowed = allowed_of(accounts)
    ranks = int(marks.rank.max(initial=0)) + 1
    tables = {id(track): by.of(track) for track in tracks}

    def work(track: Any, begin: int, end: int) -> Attempts:
        size = end - begin
        reached, start = np.zeros(size, np.uint8), np.zeros(size, np.int64)
        series = np.full(size, len(by.texts), np.int32)
        took = np.full((size, steps - 1), NEVER, np.int64)
        mode, table = tables[id(track)]
        held = getattr(track, "held", None)
        _attempts(track.offsets, track.ts, track.code, track.account, track.skip,
                  np.zeros(0, np.int32) if held is None else held, begin, end, marks.steps, marks.outs, marks.rank, ranks,
                  steps, first, until, within, ORDERS.index(order), optimised, mode, table, by_step, limited, allowed,
                  reached, start, took, series)  # fmt: skip
        entered = np.flatnonzero(reached)
        return Attempts(units=track.units[begin:end][entered], reached=reached[entered], start=start[entered],
                        took=took[entered], series=series[entered])  # fmt: skip

    return joined(over(tracks, work), steps=steps)


@compiled
def _attempts(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, held: Array, begin: int, end: int, steps_of: Array,
    outs_of: Array, rank_of: Array, ranks: int, steps: int, first: int, until: int, within: int, order: int, optimised: bool,
    mode: int, table: Array, by_step: int, limited: bool, allowed: Array, reached: Array, start: Array, took: Array,
    series: Array,
) -> None:  # fmt: skip
    longest = 0
    for unit in range(begin, end):
        longest = max(longest, offsets[unit + 1] - offsets[unit])
    there = np.empty(longest, np.int64)  # the unit's events that matter, in order
    spare = np.empty(longest, np.int64)
    place = np.empty(
        steps + 1, np.int64
    )  # of the event that completed a step first, and the start of its attempt
    begun = np.empty(steps + 1, np.int64)
    every = np.arange(longest)
    # what a walk carries, made once: a unit has few events, and there are many units
    latest, lasts = np.empty(steps + 1, np.int64), np.empty(steps, np.int64)
    stands, done = np.empty(steps + 1, np.uint8), np.empty(steps + 1, np.uint8)
    enter = (1 << steps) - 1 if order == _ANY else 1
    for unit in range(begin, end):
        if skip[unit] or not _may_enter(code, offsets[unit], offsets[unit + 1], steps_of, enter):
            continue
        number, met = _gather(ts, code, account, held, offsets[unit], offsets[unit + 1], steps_of, rank_of, ranks, first, until,
                              limited, allowed, there, spare)  # fmt: skip
        if not met & enter:
            continue
        place[:] = -1
        if len(held):
            values = held[there[:number]]
            sequence = np.argsort(values, kind="mergesort")
            low = 0
            while low < number:
                high = low
                while high < number and values[sequence[high]] == values[sequence[low]]:
                    high += 1
                _walk(ts, code, there, sequence[low:high], steps_of, outs_of, steps, within, order, optimised, place, begun,
                      latest, lasts, stands, done)  # fmt: skip
                low = high
        else:
            _walk(ts, code, there, every[:number], steps_of, outs_of, steps, within, order, optimised, place, begun,
                  latest, lasts, stands, done)  # fmt: skip
        furthest = steps
        while furthest > 0 and place[furthest] < 0:
            furthest -= 1
        if furthest == 0:
            continue
        row = unit - begin
        reached[row], start[row] = furthest, begun[furthest]
        for step in range(2, furthest + 1):
            took[row, step - 2] = ts[there[place[step]]] - begun[step]
        if mode == 0 or place[by_step] < 0:
            continue
        moment = begun[furthest] if by_step == 1 else ts[there[place[by_step]]]
        for one in range(number):
            at = there[one]
            if ts[at] > moment:
                break
            if ts[at] < moment or (len(held) and held[at] != held[there[place[furthest]]]):
                continue
            fits = steps_of[code[at]]
            if fits and (order == _ANY or (fits >> (by_step - 1)) & 1):
                series[row] = min(series[row], value_of(mode, table, code, account, unit, at))


@compiled
def _may_enter(code: Array, low: int, high: int, steps_of: Array, enter: int) -> bool:
    """Whether any event, whenever it was, fits a step by which attempts begin."""
    for at in range(low, high):  # noqa: SIM110 – the compiler of loops knows no `any` over a generator
        if steps_of[code[at]] & enter:
            return True
    return False


@compiled
def _gather(
    ts: Array, code: Array, account: Array, held: Array, low: int, high: int, steps_of: Array, rank_of: Array, ranks: int,
    first: int, until: int, limited: bool, allowed: Array, there: Array, spare: Array,
) -> tuple[int, int]:  # fmt: skip
    """Where the events that matter stand, of one moment by rank; how many there are, and the steps that any of them fits."""
    top, number, since, met = len(allowed) - 1, 0, 0, 0
    for at in range(low, high):
        moment = ts[at]
        if moment >= until:
            break
        if moment < first or rank_of[code[at]] < 0 or (limited and not allowed[min(account[at] + 1, top)]):
            continue
        if len(held) and held[at] < 0:
            continue
        if number and ts[there[number - 1]] != moment:
            _by_rank(code, rank_of, ranks, there, since, number, spare)
            since = number
        met |= steps_of[code[at]]
        there[number] = at
        number += 1
    _by_rank(code, rank_of, ranks, there, since, number, spare)
    return number, met


@compiled
def _by_rank(
    code: Array, rank_of: Array, ranks: int, there: Array, low: int, high: int, spare: Array
) -> None:
    sorted_already = True
    for one in range(low + 1, high):
        if rank_of[code[there[one]]] < rank_of[code[there[one - 1]]]:
            sorted_already = False
    if sorted_already:
        return
    number = 0
    for rank in range(ranks):
        for one in range(low, high):
            if rank_of[code[there[one]]] == rank:
                spare[number] = there[one]
                number += 1
    there[low:high] = spare[:number]


@compiled
def _walk(
    ts: Array, code: Array, there: Array, sequence: Array, steps_of: Array, outs_of: Array, steps: int, within: int,
    order: int, optimised: bool, place: Array, begun: Array, latest: Array, lasts: Array, stands: Array, done: Array,
) -> None:  # fmt: skip
    """Those of `sequence` (places in `there`) in turn: `place` and `begun` of each step, where it is completed sooner. What
    stands in the last four arrays is overwritten."""
    latest[:], stands[:], done[:] = NEVER, 0, 0
    since, entered, standing = np.int64(NEVER), False, False
    for n in range(len(sequence)):
        one = sequence[n]
        moment, fits, outs = ts[there[one]], steps_of[code[there[one]]], outs_of[code[there[one]]]
        if order == _ANY:
            if not fits:
                continue
            low = 1
            while not (fits >> (low - 1)) & 1:
                low += 1
            if not entered:
                entered, since = True, moment
            latest[low] = moment
            if optimised:
                _sorted(latest, lasts)
                for step in range(1, steps + 1):
                    if moment - lasts[steps - step] <= within:
                        _complete(step, one, lasts[steps - step], done, place, begun)
            elif moment - since <= within:
                different = 0
                for step in range(1, steps + 1):
                    different += latest[step] != NEVER
                for step in range(1, different + 1):
                    _complete(step, one, since, done, place, begun)
            else:
                break
            continue
        if (
            order == _STRICT and not fits and not outs
        ):  # most events of a strict order only end what was begun
            if standing:
                stands[:] = 0
                standing = False
            continue
        standing = True
        if outs:
            for step in range(1, steps):
                if (outs >> step) & 1:
                    stands[step] = 0
        for step in range(steps, 1, -1):
            if (fits >> (step - 1)) & 1:
                if stands[step - 1] and moment - latest[step - 1] <= within:
                    latest[step], stands[step] = latest[step - 1], 1
                    _complete(step, one, latest[step], done, place, begun)
                elif order == _STRICT:
                    stands[step] = 0
                stands[step - 1] = 0  # they moved on, or their window has ended
            elif order == _STRICT:
                stands[step] = 0
        if fits & 1 and (optimised or not entered):
            entered = True
            latest[1], stands[1] = moment, 1
            _complete(1, one, moment, done, place, begun)
        elif order == _STRICT:
            stands[1] = 0


@compiled
def _sorted(latest: Array, lasts: Array) -> None:
    """All but the first of `latest`, ascending: a step or two are out of place, so that insertion is quick."""
    for n in range(len(lasts)):
        value, place = latest[n + 1], n
        while place > 0 and lasts[place - 1] > value:
            lasts[place] = lasts[place - 1]
            place -= 1
        lasts[place] = value


@compiled
def _complete(step: int, one: int, start: Any, done: Array, place: Array, begun: Array) -> None:
    if not done[step]:
        done[step] = 1
        if place[step] < 0 or one < place[step]:
            place[step], begun[step] = one, start
