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


def events_of(person_id: int, ops: Iterable[dict[str, Any]]) -> Drop:
    """Everything that is this person's after all merges and splits, under whomever it was stored."""
    steps = _steps(ops)

    def which(table: pa.Table) -> pa.ChunkedArray:
        owners = table["person_id"]
        for step in steps:
            owners = step(table, owners)
        return pc.equal(owners, person_id)

    return Drop(columns=("person_id", "product_id", "distinct_id"), which=which)


Step = Callable[[pa.Table, Any], Any]


def _steps(ops: Iterable[dict[str, Any]]) -> list[Step]:
    """What merges and splits do to the owners of rows; merges between two splits are one step."""
    steps: list[Step] = []
    to: dict[int, int] = {}
    for op in ops:
        if op["op"] == "merge_people":
            for one in (*(other for other, stays in to.items() if stays in op["from"]), *op["from"]):
                to[one] = op["to"]
        elif op["op"] == "split_person":
            steps += [_merged(to), _split(op["person_id"], op["ids"])]
            to = {}
    return [*steps, _merged(to)]


def _merged(to: dict[int, int]) -> Step:
    gone, stay = pa.array(to.keys(), pa.int64()), pa.array(to.values(), pa.int64())
    return lambda _table, owners: pc.coalesce(pc.take(stay, pc.index_in(owners, value_set=gone)), owners)


def _split(person_id: int, ids: Iterable[tuple[int, str]]) -> Step:
    by_product: dict[int, list[str]] = {}
    for product, distinct_id in ids:
        by_product.setdefault(product, []).append(distinct_id)

    def step(table: pa.Table, owners: Any) -> Any:
        for product, names in by_product.items():
            theirs = pc.is_in(table["distinct_id"], value_set=pa.array(names, pa.string()))
            theirs = pc.and_(theirs, pc.fill_null(pc.equal(table["product_id"], product), False))
            owners = pc.if_else(theirs, person_id, owners)
        return owners

    return step


def events_before(*, before_us: int, source_id: int) -> Drop:
    """What happened before that microsecond since 1970, of one source."""

    def which(table: pa.Table) -> pa.ChunkedArray:
        return pc.and_(
            pc.equal(table["source_id"], source_id), pc.less(table["ts"].cast(pa.int64()), before_us)
        )

    return Drop(columns=("source_id", "ts"), which=which)
