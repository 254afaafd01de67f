"""The ordered funnel, its steps being different events: the recurrence of engine/funnel/plan.py, event by event.

For each step it is enough to carry the latest start of the attempts that stand there: `latest[k]`. An event of step k
completes it when latest[k - 1] lies no more than the window back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from bihuan.understand.engine.fast.run import Array, Track, allowed_of, compiled, over

NEVER = -(2**62)


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Of each unit that entered: its id, the step it reached (from 1), start (µs) of the attempt that got furthest,
    `took`: a column for each step from 2 on, µs from step 1, NEVER where it was not reached; and its value of a breakdown."""

    units: Array
    reached: Array
    start: Array
    took: Array
    series: Array


def funnel(
    tracks: Sequence[Track],
    *,
    step_of: Array,
    steps: int,
    first: int,
    until: int,
    within: int,
    optimised: bool,
    accounts: Array | None = None,
) -> Attempts:
    """Each unit's best way through the steps in [first, until) (µs).

    `step_of`: int32, from the code of an event's name to its step, 0 for none. `accounts`: ids
    of those that count, for tracks of people.
    """  # fmt: skip
    limited, allowed = allowed_of(accounts)

    def work(track: Track, begin: int, end: int) -> Attempts:
        size = end - begin
        reached, start = np.zeros(size, np.uint8), np.zeros(size, np.int64)
        took = np.empty((size, steps - 1), np.int64)
        _funnel(track.offsets, track.ts, track.code, track.account, track.skip, begin, end, step_of, steps, first, until,
                within, optimised, limited, allowed, reached, start, took)  # fmt: skip
        entered = np.flatnonzero(reached)
        return Attempts(
            units=track.units[begin:end][entered],
            reached=reached[entered],
            start=start[entered],
            took=took[entered],
            series=np.zeros(len(entered), np.int32),
        )

    return joined(over(tracks, work), steps=steps)


def joined(parts: Sequence[Attempts], *, steps: int) -> Attempts:
    """All of them as one."""
    none = Attempts(
        units=np.zeros(0, np.int64), reached=np.zeros(0, np.uint8), start=np.zeros(0, np.int64),
        took=np.empty((0, steps - 1), np.int64), series=np.zeros(0, np.int32),
    )  # fmt: skip
    return Attempts(**{
        one.name: np.concatenate([getattr(part, one.name) for part in (none, *parts)]) for one in fields(Attempts)
    })  # fmt: skip


@compiled
def _funnel(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, begin: int, end: int, step_of: Array,
    steps: int, first: int, until: int, within: int, optimised: bool, limited: bool, allowed: Array,
    reached: Array, start: Array, took: Array,
) -> None:  # fmt: skip
    top = len(allowed) - 1
    latest = np.empty(steps + 1, np.int64)
    tied = np.zeros(steps + 1, np.uint8)
    for unit in range(begin, end):
        if skip[unit]:
            continue
        row = unit - begin
        furthest, entered = 0, False
        at, stop = offsets[unit], offsets[unit + 1]
        while at < stop and ts[at] < first:
            at += 1
        while at < stop and ts[at] < until:
            moment, highest = ts[at], 0
            while at < stop and ts[at] == moment:  # of one moment the steps count in their order
                step = step_of[code[at]]
                if step and (not limited or allowed[min(account[at] + 1, top)]):
                    tied[step] = 1
                    highest = max(highest, step)
                at += 1
            for step in range(1, highest + 1):
                if not tied[step]:
                    continue
                tied[step] = 0
                if step == 1:
                    if entered and not optimised:
                        continue
                    if not entered:
                        entered = True
                        for later in range(2, steps + 1):
                            latest[later] = NEVER
                            took[row, later - 2] = NEVER
                    latest[1] = moment
                    if furthest == 0:
                        furthest = 1
                        start[row] = moment
                elif entered and latest[step - 1] != NEVER and moment - latest[step - 1] <= within:
                    latest[step] = latest[step - 1]
                    if step > furthest:
                        furthest = step
                        start[row] = latest[step]
                        took[row, step - 2] = moment - latest[step]
        reached[row] = furthest
