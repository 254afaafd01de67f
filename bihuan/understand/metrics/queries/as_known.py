"""Record tables as they were known at the end of a day, and the measures that cannot be told of the past."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from bihuan.base.bus.queries import told_since
from bihuan.base.history import History, Undated, history_of
from bihuan.base.measures import Tables
from bihuan.understand.metrics.queries.measured import needs_of


@dataclass(frozen=True, kw_only=True)
class Base:
    """A record table as it is now, loaded under `name`, and beside it, under `name`_`column`, what `edited` columns held before
    they were changed."""

    name: str
    history: History
    columns: tuple[str, ...]
    schema: pa.Schema
    edited: frozenset[str]

    def as_of(self, at: Tables) -> str:
        """SQL: the rows that were there by the end of the day, with what they held then."""
        joins = " ".join(
            f"""LEFT JOIN (SELECT id, before FROM {self.name}_{one} WHERE told_at >= {at.cutoff}
                           QUALIFY row_number() OVER (PARTITION BY id ORDER BY number) = 1) e_{one} ON e_{one}.id = t.id"""
            for one in sorted(self.edited)
        )
        said = ", ".join(f'{self._known(one, at)} AS "{one}"' for one in self.columns)
        begins = self._arrived(self.history.begins, at)
        return f"SELECT {said} FROM {self.name} t {joins} WHERE {begins}"

    def _held(self, column: str) -> str:
        """What the column held then, before anything that came later."""
        if column not in self.edited:
            return f't."{column}"'
        kind = _SQL_TYPES.get(str(self.schema.field(column).type), "VARCHAR")
        return f'CASE WHEN e_{column}.id IS NULL THEN t."{column}" ELSE TRY_CAST(e_{column}.before AS {kind}) END'

    def _arrived(self, column: str, at: Tables) -> str:
        """Whether a day or moment had come."""
        if pa.types.is_timestamp(self.schema.field(column).type):
            return f"{self._held(column)} < {at.cutoff}"
        return f"{self._held(column)} <= DATE '{at.day}'"

    def _known(self, column: str, at: Tables) -> str:
        dated = self.history.since.get(column) or (column if column in self.history.dates else None)
        held = self._held(column)
        return held if dated is None else f"CASE WHEN {self._arrived(dated, at)} THEN {held} END"


_SQL_TYPES = {"bool": "BOOLEAN", "int64": "BIGINT", "double": "DOUBLE", "date32[day]": "DATE",
              "timestamp[us, tz=UTC]": "TIMESTAMPTZ"}  # fmt: skip
_TOLD = pa.schema(
    [
        ("id", pa.int64()),
        ("number", pa.int64()),
        ("told_at", pa.timestamp("us", "UTC")),
        ("before", pa.string()),
    ]
)


def changes_of(history: History, *, since: datetime) -> dict[str, pa.Table]:
    """By column what rows held before each change from a moment on: `id`, `number` by the order of changes, `told_at`,
    `before`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for number, (at, payload) in enumerate(told_since(history.facts, at=since)):
        for pk, column, value in history.told(payload):
            text = None if value is None else str(value)
            found.setdefault(column, []).append({"id": pk, "number": number, "told_at": at, "before": text})
    return {column: pa.Table.from_pylist(rows, schema=_TOLD) for column, rows in found.items()}


def undated_in(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Of the named measures those that read record columns of which only the present value is known, with these columns as
    table.column: values_over refuses them. Only the measure's own SQL is looked at, nothing is read."""
    found = {}
    for name in names:
        missing: list[str] = []
        for table, columns in needs_of([name]).items():
            try:
                history_of(table, columns)
            except Undated as error:
                missing += error.columns
        if missing:
            found[name] = tuple(missing)
    return found
