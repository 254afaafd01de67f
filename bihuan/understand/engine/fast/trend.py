"""Counts of events, and of different people or accounts, by bucket of time and by event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bihuan.understand.engine.fast.breakdown import Breakdown
from bihuan.understand.engine.fast.run import Array, Track, allowed_of, compiled, over, total


def counts(
    tracks: Sequence[Track],
    *,
    starts: Array,
    series_of: Array,
    series: int,
    accounts: Array | None = None,
) -> tuple[Array, Array]:
    """Events, and units that had at least one, in each bucket (row) and series (column): two int64 arrays.

    `starts`: int64 µs, the start of each bucket and at the end the end of the last. `series_of`: int32, from the code of
    an event's name to its series from 1 on, 0 for events that do not count.
    `accounts`: ids of those that count, for tracks of people.
    """
    limited, allowed = allowed_of(accounts)

    def work(track: Track, begin: int, end: int) -> tuple[Array, Array]:
        events = np.zeros((len(starts) - 1, series), np.int64)
        units = np.zeros((len(starts) - 1, series), np.int64)
        _counts(track.offsets, track.ts, track.code, track.account, track.skip, begin, end, starts, series_of,
                limited, allowed, events, units)  # fmt: skip
        return events, units

    parts = over(tracks, work)
    shape = (len(starts) - 1, series)
    return total((one for one, _units in parts), shape=shape), total(
        (one for _events, one in parts), shape=shape
    )


@compiled
def _counts(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, begin: int, end: int, starts: Array,
    series_of: Array, limited: bool, allowed: Array, events: Array, units: Array,
) -> None:  # fmt: skip
    buckets, top = len(starts) - 1, len(allowed) - 1
    last = np.empty(events.shape[1], np.int64)  # where each series was last met, over all units
    for one in range(len(last)):
        last[one] = -1
    for unit in range(begin, end):
        if skip[unit]:
            continue
        at, stop, bucket = offsets[unit], offsets[unit + 1], 0
        while at < stop and ts[at] < starts[0]:
            at += 1
        while at < stop and ts[at] < starts[buckets]:
            while ts[at] >= starts[bucket + 1]:
                bucket += 1
            one = series_of[code[at]]
            if one and (not limited or allowed[min(account[at] + 1, top)]):
                events[bucket, one - 1] += 1
                here = np.int64(unit) * buckets + bucket
                if last[one - 1] != here:
                    last[one - 1] = here
                    units[bucket, one - 1] += 1
            at += 1


def counts_by(
    tracks: Sequence[Track],
    *,
    starts: Array,
    chosen: Array,
    by: Breakdown,
    accounts: Array | None = None,
) -> tuple[Array, Array]:
    """Events, and units that had at least one, in each bucket (row) and value (column, the last for none): two int64 arrays.

    `starts` and `accounts` as in `counts`; `chosen`: from the code of an event's name, 0 for events that do not count.
    `by` has a value for each event.
    """
    limited, allowed = allowed_of(accounts)
    shape = (len(starts) - 1, len(by.texts) + 1)
    tables = {id(track): by.of(track)[1] for track in tracks}

    def work(track: Track, begin: int, end: int) -> tuple[Array, Array]:
        events, units = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        _counts_by(track.offsets, track.ts, track.code, track.account, track.skip, tables[id(track)], begin, end, starts,
                   chosen, limited, allowed, events, units)  # fmt: skip
        return events, units

    parts = over(tracks, work)
    return total((one for one, _units in parts), shape=shape), total(
        (one for _events, one in parts), shape=shape
    )


@compiled
def _counts_by(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, value: Array, begin: int, end: int, starts: Array,
    chosen: Array, limited: bool, allowed: Array, events: Array, units: Array,
) -> None:  # fmt: skip
    buckets, top = len(starts) - 1, len(allowed) - 1
    last = np.full(events.shape[1], np.int64(-1))  # where each value was last met, over all units
    for unit in range(begin, end):
        if skip[unit]:
            continue
        at, stop, bucket = offsets[unit], offsets[unit + 1], 0
        while at < stop and ts[at] < starts[0]:
            at += 1
        while at < stop and ts[at] < starts[buckets]:
            while ts[at] >= starts[bucket + 1]:
                bucket += 1
            if chosen[code[at]] and (not limited or allowed[min(account[at] + 1, top)]):
                one = value[at]
                events[bucket, one] += 1
                here = np.int64(unit) * buckets + bucket
                if last[one] != here:
                    last[one] = here
                    units[bucket, one] += 1
            at += 1
