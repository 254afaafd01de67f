"""What a correction of history does to the rows of DuckDB's index, and whose tracks it touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from bihuan.capture.store.errors import StoreError

_DROP_REPEATS = """
    DELETE FROM events WHERE rowid IN (
        SELECT row FROM (
            SELECT events.rowid AS row, row_number() OVER (
                PARTITION BY source_id, event_id ORDER BY received_at, ts, name, distinct_id, props
            ) AS nth
            FROM events SEMI JOIN arriving USING (source_id, event_id)
        ) WHERE nth > 1
    )
"""
NEW_LAYOUT = "UPDATE meta SET layout = uuid()"


class Corrections:
    """Made on the writing cursor, inside its transaction."""

    def __init__(self, write: duckdb.DuckDBPyConnection) -> None:
        self._write = write

    def make(self, op: dict[str, Any]) -> None:
        """Make one; StoreError when this version does not know it."""
        kind = op["op"]
        if kind == "merge_people":
            self._merge(from_ids=op["from"], to_id=op["to"])
        elif kind == "split_person":
            self._split(person_id=op["person_id"], ids=op["ids"])
        elif kind == "place_person":
            self._place(person_id=op["person_id"], spells=op["spells"])
        elif kind == "give_company":
            self._give(**{key: op[key] for key in ("product_id", "company", "account_id")})
        elif kind == "erase_person":
            self._delete("DELETE FROM events WHERE person_id = ?", [op["person_id"]])
        elif kind == "forget":
            self._delete(
                "DELETE FROM events WHERE source_id = ? AND epoch_us(ts) < ?",
                [op["source_id"], op["before_us"]],
            )
        elif kind == "drop_repeats":
            ids = [{"source_id": source, "event_id": event} for source, event in op["ids"]]
            self._write.register("arriving", pa.Table.from_pylist(ids))
            try:
                self._delete(_DROP_REPEATS)
            finally:
                self._write.unregister("arriving")
        else:
            raise StoreError(f"The event log holds a correction this version does not know: {kind}")

    def _merge(self, *, from_ids: list[int], to_id: int) -> None:
        for from_id in from_ids:
            self._write.execute("UPDATE merged SET to_id = ? WHERE to_id = ?", [to_id, from_id])
            self._write.execute("DELETE FROM merged WHERE from_id = ?", [from_id])
            self._write.execute("INSERT INTO merged VALUES (?, ?)", [from_id, to_id])
        for from_id in from_ids:
            self._write.execute("UPDATE events SET person_id = ? WHERE person_id = ?", [to_id, from_id])
        self._touch("person_id = ?", [to_id], people=[*from_ids, to_id], accounts=False)

    def _split(self, *, person_id: int, ids: list[tuple[int, str]]) -> None:
        self._write.execute("DELETE FROM merged WHERE from_id = ?", [person_id])
        for product_id, distinct_id in ids:
            theirs = "product_id = ? AND distinct_id = ?"
            self._touch(theirs, [product_id, distinct_id], people=[person_id], accounts=False)
            self._write.execute(
                f"UPDATE events SET person_id = ? WHERE {theirs}", [person_id, product_id, distinct_id]
            )

    def _place(self, *, person_id: int, spells: list[tuple[int | None, int | None]]) -> None:
        account, values = "NULL", list[int | None]()
        for start, there in spells:
            if start is not None:
                account = f"CASE WHEN epoch_us(ts) >= ? THEN ? ELSE {account} END"
                values = [start, there, *values]
        self._touch("person_id = ?", [person_id])  # the accounts it leaves, and below those it comes to
        self._write.execute(
            f"UPDATE events SET account_id = ({account})::BIGINT WHERE person_id = ? AND company IS NULL",
            [*values, person_id],
        )
        self._touch("person_id = ?", [person_id])

    def _give(self, *, product_id: int, company: str, account_id: int) -> None:
        theirs = "product_id = ? AND company = ? AND account_id"
        values = [product_id, company]
        self._write.execute(f"UPDATE events SET account_id = ? WHERE {theirs} IS NULL", [account_id, *values])
        self._touch(f"{theirs} = ?", [*values, account_id])

    def _touch(
        self, where: str, values: Sequence[Any], *, people: Sequence[int] = (), accounts: bool = True
    ) -> None:
        """Note whose tracks are no longer as they were: of the people (and accounts) of these events, and these people."""
        self._write.execute(
            f"INSERT INTO touched SELECT DISTINCT person_id, {'account_id' if accounts else 'NULL'} FROM events WHERE {where}",
            values,
        )
        for person in people:
            self._write.execute("INSERT INTO touched VALUES (?, NULL)", [person])

    def _delete(self, sql: str, values: Sequence[Any] = ()) -> None:
        gone = self._write.execute(sql, values).fetchall()[0][0]
        self._write.execute("UPDATE meta SET rows = rows - ?", [gone])
        if gone:
            self._write.execute(NEW_LAYOUT)
