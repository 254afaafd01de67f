"""Retention as engine/retention.py defines it, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bihuan.understand.engine.fast.run import Array, Track, allowed_of, compiled, over, total


def retention(
    tracks: Sequence[Track],
    *,
    first: int,
    until: int,
    starts: Array,
    periods: int,
    start_of: Array,
    back_of: Array,
    span: int,
    once: bool,
    later: bool,
    accounts: Array | None = None,
) -> Array:
    """Cohort (row) by period (column, 0 is the size of the cohort): how many units, int64.

    `starts`: µs, the start of each cohort's bucket and at the end the end of the last; events of [first, until) count,
    and with `once` (a unit stands in one cohort, by its first start ever) also starts before. `start_of`, `back_of`:
    int32 by code, 1 for events that put a unit into a cohort, and that count as coming back. `span`: µs of a rolling
    period; 0 for calendar periods, which are the buckets. `later`: a unit counts in the last period in which it came
    back, where the last column stands for later ones too. `accounts`: ids of those that count, for tracks of people.
    """  # fmt: skip
    limited, allowed = allowed_of(accounts)

    def work(track: Track, begin: int, end: int) -> Array:
        cells = np.zeros((len(starts) - 1, periods + 1), np.int64)
        _retention(track.offsets, track.ts, track.code, track.account, track.skip, begin, end, first, until, starts,
                   start_of, back_of, span, once, later, limited, allowed, cells)  # fmt: skip
        return cells

    return total(over(tracks, work), shape=(len(starts) - 1, periods + 1))


@compiled
def _retention(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, begin: int, end: int, first: int, until: int,
    starts: Array, start_of: Array, back_of: Array, span: int, once: bool,
    later: bool, limited: bool, allowed: Array, cells: Array,
) -> None:  # fmt: skip
    buckets, periods, top = cells.shape[0], cells.shape[1] - 1, len(allowed) - 1
    began = np.empty(buckets, np.int64)  # of each cohort the unit stands in: when it started, and which it is
    cohort = np.empty(buckets, np.int64)
    met = np.zeros((buckets, periods + 1), np.int64)  # the unit (counted from 1) that was last seen in a cell
    for unit in range(begin, end):
        if skip[unit]:
            continue
        number, bucket, known = 0, -1, False
        for at in range(offsets[unit], offsets[unit + 1]):
            moment = ts[at]
            if moment >= until:
                break
            if moment < first and not once:
                continue
            if not start_of[code[at]] or (limited and not allowed[min(account[at] + 1, top)]):
                continue
            if once:
                if known:
                    break
                known = True
                if moment < first:
                    break
            here = max(bucket, 0)
            while moment >= starts[here + 1]:
                here += 1
            if here != bucket:
                bucket = here
                began[number], cohort[number] = moment, here
                number += 1
        if number == 0:
            continue
        for place in range(number):
            cells[cohort[place], 0] += 1
            met[place, 0] = 0  # with `later`: the last period in which it came back
        bucket = 0
        for at in range(offsets[unit], offsets[unit + 1]):
            moment = ts[at]
            if moment >= until:
                break
            if (
                moment < first
                or not back_of[code[at]]
                or (limited and not allowed[min(account[at] + 1, top)])
            ):
                continue
            while moment >= starts[bucket + 1]:
                bucket += 1
            for place in range(number):
                if span:
                    if moment < began[place]:
                        break
                    period = (moment - began[place]) // span
                else:
                    period = bucket - cohort[place]
                if period < 1:
                    continue
                if later:
                    met[place, 0] = max(met[place, 0], min(period, periods))
                elif period <= periods and met[place, period] != unit + 1:
                    met[place, period] = unit + 1
                    cells[cohort[place], period] += 1
        if later:
            for place in range(number):
                if met[place, 0]:
                    cells[cohort[place], met[place, 0]] += 1
