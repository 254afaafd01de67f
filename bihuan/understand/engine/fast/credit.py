"""Attribution as engine/attribution.py defines it, unit by unit: which touches a conversion is owed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bihuan.understand.engine.fast.breakdown import Breakdown, value_of
from bihuan.understand.engine.fast.run import Array, allowed_of, compiled, over, total

MODELS = ("last", "first", "linear", "decay", "position")
_LAST, _FIRST, _LINEAR, _DECAY, _POSITION = range(5)
_ENDS, _MIDDLE = 0.4, 0.2


def credits(
    tracks: Sequence[Any],
    *,
    touch_of: Array,
    conversion_of: Array,
    since: int,
    first: int,
    until: int,
    within: int,
    model: str,
    half_life: int,
    by: Breakdown,
    exact: bool,
    accounts: Array | None = None,
) -> tuple[Array, Array, int] | None:
    """By value of the breakdown (the last one: none) how many touches and the conversions they are owed; and conversions.

    Conversions of [first, until) count and touches from `since` on (µs). `exact`: events of one moment stand in the order
    that the first and the last touch is told by. Where they do not and it matters: None.
    """
    limited, allowed = allowed_of(accounts)
    size = len(by.texts) + 1
    tables = {id(track): by.of(track) for track in tracks}

    def work(track: Any, begin: int, end: int) -> tuple[Array, Array, Array]:
        touches, owed, told = np.zeros(size, np.int64), np.zeros(size, np.float64), np.zeros(2, np.int64)
        mode, table = tables[id(track)]
        _credits(track.offsets, track.ts, track.code, track.account, track.skip, begin, end, touch_of, conversion_of, since,
                 first, until, within, MODELS.index(model), half_life, mode, table, exact, limited, allowed, touches, owed,
                 told)  # fmt: skip
        return touches, owed, told

    parts = over(tracks, work)
    conversions, unclear = total((told for _touches, _owed, told in parts), shape=(2,)).tolist()
    if unclear:
        return None
    owed = np.sum([np.zeros(size), *(owed for _touches, owed, _told in parts)], axis=0)
    return total((touches for touches, _owed, _told in parts), shape=(size,)), owed, conversions


@compiled
def _credits(
    offsets: Array, ts: Array, code: Array, account: Array, skip: Array, begin: int, end: int, touch_of: Array,
    conversion_of: Array, since: int, first: int, until: int, within: int, model: int, half_life: int, mode: int,
    table: Array, exact: bool, limited: bool, allowed: Array, touches: Array, owed: Array, told: Array,
) -> None:  # fmt: skip
    longest, top = 0, len(allowed) - 1
    for unit in range(begin, end):
        longest = max(longest, offsets[unit + 1] - offsets[unit])
    there, done = np.empty(longest, np.int64), np.empty(longest, np.int64)
    value = np.empty(longest, np.int64)
    for unit in range(begin, end):
        if skip[unit]:
            continue
        number, conversions = 0, 0
        for at in range(offsets[unit], offsets[unit + 1]):
            moment = ts[at]
            if moment >= until:
                break
            if moment < since or (limited and not allowed[min(account[at] + 1, top)]):
                continue
            if touch_of[code[at]]:
                there[number] = at
                value[number] = value_of(mode, table, code, account, unit, at)
                number += 1
            if conversion_of[code[at]] and moment >= first:
                done[conversions] = at
                conversions += 1
        told[0] += conversions
        low, high = 0, 0
        for one in range(conversions):
            at = done[one]
            while low < number and ts[at] - ts[there[low]] > within:
                low += 1
            while high < number and ts[there[high]] <= ts[at]:
                high += 1
            _share(ts, there, value, low, high, at, model, half_life, exact, touches, owed, told)


@compiled
def _share(
    ts: Array, there: Array, value: Array, low: int, high: int, at: int, model: int, half_life: int, exact: bool,
    touches: Array, owed: Array, told: Array,
) -> None:  # fmt: skip
    """The conversion at `at` is owed to the touches from low to high, but never to itself."""
    number, begun, ended, halves = 0, -1, -1, 0.0
    for one in range(low, high):
        if there[one] == at:
            continue
        number += 1
        begun = one if begun < 0 else begun
        ended = one
        touches[value[one]] += 1
        if model == _DECAY:
            halves += 0.5 ** ((ts[at] - ts[there[one]]) / half_life)
    if number == 0:
        return
    if not exact and model != _LINEAR and model != _DECAY:
        for one in range(low, high):
            if there[one] == at:
                continue
            moment = ts[there[one]]
            if model != _LAST and moment == ts[there[begun]] and value[one] != value[begun]:
                told[1] += 1
            if model != _FIRST and moment == ts[there[ended]] and value[one] != value[ended]:
                told[1] += 1
    if model == _FIRST:
        owed[value[begun]] += 1.0
    elif model == _LAST:
        owed[value[ended]] += 1.0
    else:
        for one in range(low, high):
            if there[one] == at:
                continue
            if model == _DECAY:
                owed[value[one]] += 0.5 ** ((ts[at] - ts[there[one]]) / half_life) / halves
            elif model == _LINEAR or number <= 2:
                owed[value[one]] += 1.0 / number
            elif one in (begun, ended):
                owed[value[one]] += _ENDS
            else:
                owed[value[one]] += _MIDDLE / (number - 2)
