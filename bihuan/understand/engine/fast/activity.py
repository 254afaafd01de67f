"""Life cycle and stickiness: in which buckets of time each unit was active."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bihuan.understand.engine.fast.run import Array, Track, allowed_of, compiled, over, total

_NEVER, _LONG_AGO = -10, -5  # where a unit was active before: nowhere yet, before the first bucket


def lifecycle(
    tracks: Sequence[Track],
    *,
    starts: Array,
    until: int,
    active_of: Array,
    accounts: Array | None = None,
) -> Array:
    """By bucket (row): units that are new, returning, resurrected and dormant (columns), int64.

    `starts`: µs, the start of each bucket and at the end the end of the last. The first bucket is the one *before* the
    first that is asked for: its numbers mean nothing. All activity before `until` is read. `active_of`: int32, 1 for
    codes of events that count.
    """  # fmt: skip
    limited, allowed = allowed_of(accounts)

    def work(track: Track, begin: int, end: int) -> Array:
        cells = np.zeros((len(starts) - 1, 4), np.int64)
        _lifecycle(track.offsets, track.ts, track.code, track.account, track.skip, begin, end, starts, until, active_of,
                   limited, allowed, cells)  # fmt: skip
        return cells

    return total(over(tracks, work), shape=(len(starts) - 1, 4))


@compiled
def _lifecycle(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, begin: int, end: int, starts: Array, until: int,
    active_of: Array, limited: bool, allowed: Array, cells: Array,
) -> None:  # fmt: skip
    buckets, top = cells.shape[0], len(allowed) - 1
    for unit in range(begin, end):
        if skip[unit]:
            continue
        before, bucket = _NEVER, 0
        for at in range(offsets[unit], offsets[unit + 1]):
            moment = ts[at]
            if moment >= until:
                break
            if bucket == before and moment < starts[bucket + 1]:
                continue
            if not active_of[code[at]] or (limited and not allowed[min(account[at] + 1, top)]):
                continue
            if moment < starts[0]:
                before = _LONG_AGO
                continue
            while moment >= starts[bucket + 1]:
                bucket += 1
            if before == bucket:
                continue
            if before == _NEVER:
                cells[bucket, 0] += 1
            elif before == bucket - 1:
                cells[bucket, 1] += 1
            else:
                cells[bucket, 2] += 1
                if before >= 0:
                    cells[before + 1, 3] += 1
            before = bucket
        if 0 <= before < buckets - 1:
            cells[before + 1, 3] += 1


def stickiness(
    tracks: Sequence[Track],
    *,
    first: int,
    until: int,
    starts: Array,
    active_of: Array,
    accounts: Array | None = None,
) -> Array:
    """How many units were active in exactly n buckets, by n from 0 (no unit) on. Events of [first, until)."""  # fmt: skip
    limited, allowed = allowed_of(accounts)

    def work(track: Track, begin: int, end: int) -> Array:
        counts = np.zeros(len(starts), np.int64)
        _stickiness(track.offsets, track.ts, track.code, track.account, track.skip, begin, end, first, until, starts,
                    active_of, limited, allowed, counts)  # fmt: skip
        return counts

    return total(over(tracks, work), shape=(len(starts),))


@compiled
def _stickiness(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, begin: int, end: int, first: int, until: int,
    starts: Array, active_of: Array, limited: bool, allowed: Array, counts: Array,
) -> None:  # fmt: skip
    top = len(allowed) - 1
    for unit in range(begin, end):
        if skip[unit]:
            continue
        number, bucket, before = 0, 0, -1
        for at in range(offsets[unit], offsets[unit + 1]):
            moment = ts[at]
            if moment >= until:
                break
            if (
                moment < first
                or not active_of[code[at]]
                or (limited and not allowed[min(account[at] + 1, top)])
            ):
                continue
            while moment >= starts[bucket + 1]:
                bucket += 1
            if bucket != before:
                before = bucket
                number += 1
        if number:
            counts[number] += 1
