"""The index in DuckDB: rows of the log in a layout that answers quickly.

One process owns the file. Each group is applied exactly once: `applied_seq` moves in the transaction that
adds the rows. After `compact` the rows lie by account and time, so one account's page touches few blocks.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.capture.store.errors import LogDamaged, StoreError
from bihuan.capture.store.log import OP_KIND, Group
from bihuan.capture.store.schema import INDEX_TABLES, INDEX_VERSION

_COLUMNS = (
    "account_id, ts, day, name_id, person_id, product_id, source_id, name, received_at, event_id, "
    "distinct_id, props"
)
Params = Mapping[str, Any] | Sequence[Any] | None

_CHECKSUM = """
    SELECT count(*), coalesce(sum(hash(event_id, source_id, name, ts, received_at, distinct_id, person_id,
                                       account_id, product_id, props)::HUGEINT), 0)::VARCHAR
    FROM events
"""


class IndexUnusable(StoreError):
    """The file does not open, or is not a sound index of this log: set it aside and rebuild."""


class Index:
    """An open index. `cursor()` may be called from any thread; writes are serialised."""

    def __init__(self, path: Path, *, zone: str, memory: str, log_id: str, head: int) -> None:
        self.path, self.zone, self._log_id = path, zone, log_id
        self._writing, self._handing_out = threading.Lock(), threading.Lock()
        self._cursors: dict[tuple[threading.Thread, str], duckdb.DuckDBPyConnection] = {}
        try:
            self._db = _connect(path, memory)
            self._write = self._db.cursor()
            if not self._write.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'meta'").fetchall():
                self._create()
            self.applied_seq = self._check(head)
        except (duckdb.Error, OSError) as error:
            self.close()
            raise IndexUnusable(f"The event index {path} cannot be used: {error}") from error
        except IndexUnusable:
            self.close()
            raise
        self._names = self._read_names()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's own cursor; it stays the same until the index is closed."""
        return self._cursor("handed out")

    def ask(self, sql: str, params: Params = None) -> pa.Table:
        """The rows of one statement, on a cursor of this thread that no half-read result can block."""
        relation = self._cursor("asking").sql(sql, params=params)
        return pa.table({}) if relation is None else relation.to_arrow_table()

    def _cursor(self, purpose: str) -> duckdb.DuckDBPyConnection:
        key = (threading.current_thread(), purpose)
        found = self._cursors.get(key)
        if found is None:
            with self._handing_out:
                for dead in [one for one in self._cursors if not one[0].is_alive()]:
                    self._cursors.pop(dead).close()
                found = self._cursors[key] = self._db.cursor()
        return found

    def apply(self, groups: Sequence[Group]) -> int:
        """Hold these groups, in order, in one transaction; returns how many events were added."""
        tables: list[pa.Table] = []
        added = damaged = 0
        with self._writing:
            self._write.execute("BEGIN")
            try:
                for group in groups:
                    try:
                        if group.kind == OP_KIND:
                            added += self._insert(tables)
                            tables = []
                            self._apply_op(group.op())
                        else:
                            tables.append(group.events())
                    except LogDamaged:
                        damaged += 1
                added += self._insert(tables)
                self._write.execute(
                    "UPDATE meta SET applied_seq = ?, rows = rows + ?, damaged = damaged + ?",
                    [groups[-1].seq, added, damaged],
                )
                self._write.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise
            self.applied_seq = groups[-1].seq
        return added

    def compact(self) -> None:
        """Rewrite the rows sorted by account and time, in one transaction; readers keep what they read."""
        with self._writing:
            self._write.execute("BEGIN")
            try:
                self._write.execute(
                    f"CREATE TABLE events_sorted AS SELECT {_COLUMNS} FROM events "
                    "ORDER BY account_id NULLS LAST, ts"
                )
                self._write.execute("DROP TABLE events")
                self._write.execute("ALTER TABLE events_sorted RENAME TO events")
                self._write.execute("UPDATE meta SET sorted_rows = rows")
                self._write.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise
            # Refused while someone still reads the old rows; the next checkpoint frees them then.
            with suppress(duckdb.TransactionException):
                self._write.execute("CHECKPOINT")

    def checksum(self) -> tuple[int, str]:
        """Number of events and a sum over all of them that does not depend on their order."""
        count, total = self._cursor("asking").execute(_CHECKSUM).fetchall()[0]
        return count, total

    def meta(self) -> dict[str, Any]:
        """Its own count of rows, how many of them lie sorted, and how many damaged groups it met."""
        names = ("rows", "sorted_rows", "damaged")
        values = self._cursor("asking").execute(f"SELECT {', '.join(names)} FROM meta").fetchall()[0]
        return dict(zip(names, values, strict=True))

    def close(self) -> None:
        """Close every cursor too: DuckDB keeps a file open while one is left."""
        with self._handing_out:
            own = (getattr(self, "_write", None), getattr(self, "_db", None))
            for cursor in (*self._cursors.values(), *own):
                with suppress(duckdb.Error):
                    if cursor is not None:
                        cursor.close()
            self._cursors.clear()

    def _create(self) -> None:
        self._write.execute("BEGIN")
        self._write.execute(INDEX_TABLES)
        made_for = [INDEX_VERSION, self.zone, self._log_id]
        self._write.execute("INSERT INTO meta VALUES (?, 0, 0, 0, 0, ?, ?)", made_for)
        self._write.execute("COMMIT")

    def _check(self, head: int) -> int:
        """The applied place, when this is an index of this log, whole, and of this version and zone."""
        found = self._write.execute("SELECT version, zone, log_id, applied_seq, rows FROM meta").fetchall()
        if len(found) != 1:
            raise IndexUnusable(f"The event index {self.path} has no single line of state.")
        *made_for, applied, rows = found[0]
        count = self._write.execute("SELECT count(*) FROM events").fetchall()[0][0]
        if made_for != [INDEX_VERSION, self.zone, self._log_id]:
            raise IndexUnusable(f"The event index {self.path} is of another version, time zone or log.")
        if applied > head or count != rows:
            raise IndexUnusable(
                f"The event index {self.path} holds {count} rows of {rows}, {applied} of {head}."
            )
        return int(applied)

    def _insert(self, tables: list[pa.Table]) -> int:
        if not tables or not any(table.num_rows for table in tables):
            return 0
        batch = pa.concat_tables(tables)
        local = pc.local_timestamp(batch["ts"].cast(pa.timestamp("us", self.zone)))
        batch = batch.append_column("day", local.cast(pa.date32()))
        batch = batch.append_column("name_id", self._codes(batch["name"]))
        columns = _COLUMNS.replace("person_id", "coalesce(merged.to_id, person_id)")
        self._write.register("arriving", batch)
        try:
            self._write.execute(
                f"INSERT INTO events ({_COLUMNS}) SELECT {columns} FROM arriving "
                "LEFT JOIN merged ON merged.from_id = arriving.person_id"
            )
        finally:
            self._write.unregister("arriving")
        return int(batch.num_rows)

    def _codes(self, names: pa.ChunkedArray) -> pa.ChunkedArray:
        for name in pc.unique(names).to_pylist():
            if name not in self._names:
                self._write.execute("INSERT INTO names VALUES (?, ?)", [len(self._names), name])
                self._names[name] = len(self._names)
        return pc.index_in(names, value_set=pa.array(list(self._names), pa.string()))

    def _apply_op(self, op: dict[str, Any]) -> None:
        if op["op"] == "merge_people":
            self._merge(from_ids=op["from"], to_id=op["to"])
        elif op["op"] == "erase_person":
            self._write.execute("DELETE FROM events WHERE person_id = ?", [op["person_id"]])
            gone = self._write.fetchall()[0][0]
            self._write.execute("UPDATE meta SET rows = rows - ?", [gone])
        else:
            raise StoreError(f"The event log holds a correction this version does not know: {op['op']}")

    def _merge(self, *, from_ids: list[int], to_id: int) -> None:
        for from_id in from_ids:
            self._write.execute("UPDATE merged SET to_id = ? WHERE to_id = ?", [to_id, from_id])
            self._write.execute("INSERT INTO merged VALUES (?, ?)", [from_id, to_id])
        for from_id in from_ids:
            self._write.execute("UPDATE events SET person_id = ? WHERE person_id = ?", [to_id, from_id])

    def _rollback(self) -> None:
        with suppress(duckdb.Error):  # the failing statement may have ended the transaction already
            self._write.execute("ROLLBACK")
        with suppress(duckdb.Error):  # a broken database has no names; the applier sets it aside
            self._names = self._read_names()

    def _read_names(self) -> dict[str, int]:
        names = self._write.execute("SELECT name FROM names ORDER BY name_id").fetchall()
        return {name: code for code, (name,) in enumerate(names)}


def _connect(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect(
        str(path),
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory,
            "storage_compatibility_version": "latest",
            "preserve_insertion_order": "true",
        },
    )
    os.chmod(path, 0o600)
    folder = str(path.parent / "spill").replace("'", "''")
    db.execute(f"SET temp_directory = '{folder}'")
    db.execute("SET TimeZone = 'UTC'; SET enable_external_access = false")
    return db
