"""By what an answer is broken down, as small numbers that a loop reads beside the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.understand.engine.fast.run import Array, compiled

NO, EVENT, NAME, ACCOUNT, UNIT = range(5)  # what a table is asked with: nothing, the place of the event, …
MOST_IDS = 5_000_000  # a table of all ids up to the largest is kept


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """The values, ascending; each stands for its place among them, and `len(texts)` for none (so that it is the greatest)."""

    texts: tuple[str, ...] = ()
    mode: int = NO
    table: Array | None = None
    ids: Array | None = None

    def of(self, track: Any) -> tuple[int, Array]:
        """(mode, table) for `value_of` over this track."""
        if self.mode == NO:
            return NO, np.zeros(1, np.int32)
        if self.mode == EVENT:
            return EVENT, track.series if self.table is None else self.table[track.value]
        assert self.table is not None, "only events bring their own"
        if self.mode != UNIT:
            return self.mode, self.table
        assert self.ids is not None, "ids of units"
        places = np.searchsorted(self.ids, track.units).clip(max=max(len(self.ids) - 1, 0))
        there = self.ids[places] == track.units if len(self.ids) else np.zeros(len(track.units), bool)
        values = self.table[places] if len(self.ids) else np.zeros(len(track.units), np.int32)
        return UNIT, np.where(there, values, len(self.texts)).astype(np.int32)

    def text(self, value: int) -> str | None:
        """What a number stands for."""
        return self.texts[value] if value < len(self.texts) else None


NOTHING = Breakdown()


@compiled
def value_of(mode: int, table: Array, code: Array, account: Array, unit: int, at: int) -> int:
    """The value of an event."""
    if mode == EVENT:
        return table[at]  # type: ignore[no-any-return]
    if mode == NAME:
        return table[code[at]]  # type: ignore[no-any-return]
    if mode == ACCOUNT:
        return table[min(account[at] + 1, len(table) - 1)]  # type: ignore[no-any-return]
    return table[unit]  # type: ignore[no-any-return]


def ranked(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Array]:
    """The different texts, ascending, and the place of each row's among them; as many as there are for null."""
    coded = column.combine_chunks().dictionary_encode()
    found = coded.dictionary.to_pylist()
    texts = sorted(found)
    places = {text: place for place, text in enumerate(texts)}
    table = np.array([*(places[text] for text in found), len(texts)], np.int32)
    return tuple(texts), table[coded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)]


def by_name(codes: Mapping[str, int]) -> Breakdown:
    """By the name of the event."""
    texts = sorted(codes)
    table = np.full(2 * (max(codes.values(), default=0) + 1), len(texts), np.int32)
    for place, name in enumerate(texts):
        table[2 * codes[name] : 2 * codes[name] + 2] = place
    return Breakdown(texts=tuple(texts), mode=NAME, table=table)


def by_value(texts: tuple[str, ...]) -> Breakdown:
    """By a property whose values stand beside the tracks, as places in `texts` and -1 for none."""
    ranks = np.empty(len(texts) + 1, np.int32)
    ranks[-1] = len(texts)
    ranks[np.argsort(np.array(texts, dtype=object))] = (
        np.arange(len(texts), dtype=np.int32) if len(texts) else 0
    )
    return Breakdown(texts=tuple(sorted(texts)), mode=EVENT, table=ranks)


def by_ids(ids: Array, column: pa.ChunkedArray, *, of_unit: bool) -> Breakdown | None:
    """By a text for each id of a unit, or of the account of an event; None when the ids are too large for a table."""
    texts, values = ranked(column)
    order = np.argsort(ids)
    ids, values = ids[order], values[order]
    if of_unit:
        return Breakdown(texts=texts, mode=UNIT, table=values, ids=ids)
    if len(ids) and (ids[0] < 0 or ids[-1] > MOST_IDS):
        return None
    table = np.full(int(ids[-1]) + 3 if len(ids) else 2, len(texts), np.int32)
    table[ids + 1] = values
    return Breakdown(texts=texts, mode=ACCOUNT, table=table)
