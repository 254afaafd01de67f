"""Paths as engine/path.py defines them, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bihuan.understand.engine.fast.run import Array, Track, allowed_of, compiled, over, total

MOST_NAMES = 200  # a table of names by names is kept for each step


def links(
    tracks: Sequence[Track],
    *,
    first: int,
    until: int,
    anchor_of: Array | None,
    event_of: Array,
    names: int,
    steps: int,
    within: int | None,
    collapse: bool,
    back: bool,
    accounts: Array | None = None,
) -> Array:
    """By step (0 is the anchor), name, and next name away from the anchor (the last column: none): units, int64.

    `anchor_of`, `event_of`: int32 by code, 1 for anchors and for what may stand on a path; without anchors the first event
    is one. Half of a code is its name; there are `names` of them. Events of [first, until) count. `accounts`: ids of
    those that count, for tracks of people.
    """  # fmt: skip
    limited, allowed = allowed_of(accounts)
    anchors = np.zeros_like(event_of) if anchor_of is None else anchor_of
    shape = (steps - 1, names, names + 1)

    def work(track: Track, begin: int, end: int) -> Array:
        cells = np.zeros(shape, np.int64)
        _links(track.offsets, track.ts, track.code, track.account, track.skip, begin, end, first, until, anchors,
               anchor_of is not None, event_of, -1 if within is None else within, collapse, back, limited, allowed,
               cells)  # fmt: skip
        return cells

    return total(over(tracks, work), shape=shape)


@compiled
def _links(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, begin: int, end: int, first: int, until: int,
    anchors: Array, anchored: bool, events: Array, within: int, collapse: bool, back: bool, limited: bool, allowed: Array,
    cells: Array,
) -> None:  # fmt: skip
    steps, names, top = cells.shape[0] + 1, cells.shape[1], len(allowed) - 1
    for unit in range(begin, end):
        if skip[unit]:
            continue
        low, high = offsets[unit], offsets[unit + 1]
        while low < high and ts[low] < first:
            low += 1
        while low < high and ts[high - 1] >= until:
            high -= 1
        begun, since, before, step = False, np.int64(0), -1, -1
        for turn in range(high - low):
            at = high - 1 - turn if back else low + turn
            found = code[at]
            if limited and not allowed[min(account[at] + 1, top)]:
                continue
            if not begun:
                if not (anchors[found] if anchored else events[found]):
                    continue
                begun, since = True, ts[at]
            elif not (events[found] or anchors[found]):
                continue
            if within >= 0 and abs(ts[at] - since) > within:
                break
            name = found >> 1
            if collapse and name == before:
                continue
            if step >= 0:
                cells[step, before, name] += 1
            before = name
            step += 1
            if step == steps - 1:
                break
        if 0 <= step < steps - 1:
            cells[step, before, names] += 1
