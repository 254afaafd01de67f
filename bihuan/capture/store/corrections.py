"""Corrections: what a line of the log may say about events that stand in it, and which rows it takes out of the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Which rows to take out for good: `which` says it of a table that has at least `columns`, null meaning no."""

    columns: tuple[str, ...]
    which: Callable[[pa.Table], pa.ChunkedArray]

    def kept(self, table: pa.Table) -> pa.Table:
        """The other rows."""
        return table.filter(pc.invert(pc.fill_null(self.which(table), False)))

    def any_in(self, table: pa.Table) -> bool:
        """Whether there is one."""
        return bool(pc.any(pc.fill_null(self.which(table), False)).as_py())


def events_of(people: Iterable[int]) -> Drop:
    """Everything of these people."""
    ids = pa.array(sorted(people), pa.int64())
    return Drop(columns=("person_id",), which=lambda table: pc.is_in(table["person_id"], value_set=ids))


def events_before(*, before_us: int, source_id: int) -> Drop:
    """What happened before that microsecond since 1970, of one source."""

    def which(table: pa.Table) -> pa.ChunkedArray:
        return pc.and_(
            pc.equal(table["source_id"], source_id), pc.less(table["ts"].cast(pa.int64()), before_us)
        )

    return Drop(columns=("source_id", "ts"), which=which)


def merged_into(person_id: int, ops: Iterable[dict[str, Any]]) -> set[int]:
    """The person and all who were merged into them, after these corrections."""
    to: dict[int, int] = {}
    for op in ops:
        if op["op"] == "merge_people":
            for one in (*op["from"], *(other for other, stays in to.items() if stays in op["from"])):
                to[one] = op["to"]
    return {person_id, *(one for one, stays in to.items() if stays == person_id)}
