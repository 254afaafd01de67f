"""The index in DuckDB: rows of the log in a layout that answers quickly.

One process owns the file. Each group is applied exactly once: `applied_seq` moves in the transaction that
adds the rows. After `compact` the rows lie by account and time, so one account's page touches few blocks.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.capture.store.duckdb_cache import Cache
from bihuan.capture.store.duckdb_corrections import NEW_LAYOUT, Corrections
from bihuan.capture.store.duckdb_sql import compiled
from bihuan.capture.store.errors import CannotCompute, LogDamaged, StoreNotReady
from bihuan.capture.store.index import IndexUnusable, Native, Params, Piece, Tables, Verdict
from bihuan.capture.store.schema import INDEX_TABLES, INDEX_VERSION, local_days
from bihuan.capture.store.touched import Touched
from bihuan.capture.store.tracks import Order, Tracks
from bihuan.capture.store.tracks_duckdb import DuckTracks
from bihuan.capture.store.watch import current_watch

_COLUMNS = (
    "account_id, ts, day, name_id, person_id, product_id, source_id, name, received_at, event_id, "
    "distinct_id, props, company"
)

#: The same sum as ClickHouse's: of the first eight bytes of each row's MD5.
_CHECKSUM = """
    SELECT count(*), coalesce(sum(md5_number_upper(concat_ws(chr(31),
        event_id, source_id::VARCHAR, name, epoch_us(ts)::VARCHAR, epoch_us(received_at)::VARCHAR, distinct_id,
        coalesce(person_id::VARCHAR, ''), coalesce(account_id::VARCHAR, ''), coalesce(product_id::VARCHAR, ''),
        props, coalesce(company, '')))::HUGEINT), 0)::VARCHAR
    FROM events
"""
_REPEATS = """
    WITH fresh AS (
        SELECT DISTINCT source_id, event_id FROM events WHERE rowid >= (SELECT sorted_rows FROM meta)
    )
    SELECT source_id, event_id FROM events SEMI JOIN fresh USING (source_id, event_id)
    GROUP BY source_id, event_id HAVING count(*) > 1 ORDER BY source_id, event_id
"""
_CANNOT = (
    duckdb.BinderException, duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException,
)  # fmt: skip
_FATAL = (duckdb.FatalException, duckdb.InternalException, duckdb.IOException, duckdb.SerializationException)
_DAMAGE = re.compile("corrupt|checksum|deserializ|invalid block", re.IGNORECASE)


class DuckDB:
    """A DuckDB file as the place of an index; one process at a time."""

    shared = False
    rest_seconds = 0.1

    def __init__(self, path: Path, *, zone: str, memory: str) -> None:
        self.path, self._zone, self._memory = path, zone, memory
        self.url = f"duckdb:{path}"

    def open(self, *, log_id: str, head: int, lead: bool = True) -> Index:
        """Open or make the file."""
        return Index(self.path, zone=self._zone, memory=self._memory, log_id=log_id, head=head)

    def set_aside(self, why: str) -> None:
        """Rename it; the last two are kept."""
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + f"-{time.monotonic_ns() % 1_000_000:06d}"
        for suffix in ("", ".wal"):
            file = self.path.with_name(self.path.name + suffix)
            if file.exists():
                file.rename(self.path.with_name(f"{self.path.name}.broken-{stamp}{suffix}"))
        for old in sorted(self.path.parent.glob(f"{self.path.name}.broken-*"))[:-2]:
            old.unlink(missing_ok=True)
        shutil.rmtree(self.path.parent / "spill", ignore_errors=True)

    def set_aside_names(self) -> list[str]:
        """The files that were renamed."""
        return sorted(path.name for path in self.path.parent.glob(f"{self.path.name}.broken-*"))

    def drop_set_aside(self) -> None:
        """Delete the files that were renamed."""
        for old in self.path.parent.glob(f"{self.path.name}.broken-*"):
            old.unlink(missing_ok=True)

    def verdict(self, error: Exception) -> Verdict:
        """A full disk is no damage: the rows that are there are good."""
        if not isinstance(error, _FATAL):
            return Verdict.GO_ON
        if isinstance(error, duckdb.SerializationException) or _DAMAGE.search(str(error)):
            return Verdict.DAMAGED
        return Verdict.GO_ON if isinstance(error, duckdb.IOException) else Verdict.REOPEN


class Index:
    """An open index. `cursor()` may be called from any thread; writes are serialised."""

    def __init__(self, path: Path, *, zone: str, memory: str, log_id: str, head: int) -> None:
        self.path, self.zone, self._log_id = path, zone, log_id
        self._writing, self._handing_out = threading.Lock(), threading.Lock()
        self._cache = Cache(limit=memory)
        self._cursors: dict[tuple[threading.Thread, str], duckdb.DuckDBPyConnection] = {}
        try:
            self._db = _connect(path, memory)
            self._write = self._db.cursor()
            if not self._write.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'meta'").fetchall():
                self._create()
            self.applied_seq = self._check(head)
        except (duckdb.Error, OSError) as error:
            self.close()
            if "Conflicting lock" in str(error) or "Could not set lock" in str(error):
                raise StoreNotReady(f"{path} is in use: {str(error).splitlines()[0]}") from error
            raise IndexUnusable(f"The event index {path} cannot be used: {error}") from error
        except IndexUnusable:
            self.close()
            raise
        self.touched: Touched | None = Touched(since=self.applied_seq)
        self._names = self._read_names()
        self._tracks = DuckTracks(path.parent / "tracks", cursor=self._db.cursor)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's own cursor; it stays the same until the index is closed."""
        return self._cursor("handed out")

    def compile(self, expression: ir.Expr) -> Native:
        """The SQL of an expression."""
        return Native(compiled(expression))

    def ask(self, sql: str, params: Params = None, *, tables: Tables = None) -> pa.Table:
        """The rows of one statement, on a cursor of this thread that no half-read result can block."""
        # Tables brought along need a cursor of their own: their names are this question's alone.
        cursor = self._cursor("asking") if not tables else self._db.cursor()
        try:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            with self._cache.asking(), _told(cursor):
                relation = cursor.sql(str(sql), params=params)
                return pa.table({}) if relation is None else relation.to_arrow_table()
        except _CANNOT as error:
            raise CannotCompute(str(error).splitlines()[0]) from error
        finally:
            if tables:
                cursor.close()

    def _cursor(self, purpose: str) -> duckdb.DuckDBPyConnection:
        key = (threading.current_thread(), purpose)
        found = self._cursors.get(key)
        if found is None:
            with self._handing_out:
                for dead in [one for one in self._cursors if not one[0].is_alive()]:
                    self._cursors.pop(dead).close()
                found = self._cursors[key] = self._db.cursor()
        return found

    def apply(self, pieces: Sequence[Piece]) -> int:
        """Hold these, in order, in one transaction; returns how many events were added."""
        tables: list[pa.Table] = []
        added = damaged = 0
        taken_out = False
        first = [date.max]
        with self._writing:
            self._write.execute("BEGIN")
            try:
                for piece in pieces:
                    try:
                        if piece.is_op:
                            added += self._insert(tables, first=first)
                            tables = []
                            first.append(date.min)
                            op = piece.op()
                            self._apply_op(op)
                            taken_out |= op["op"] in ("erase_person", "forget")
                        else:
                            tables.append(piece.events())
                    except LogDamaged:
                        damaged += 1
                added += self._insert(tables, first=first)
                self._write.execute(
                    "UPDATE meta SET applied_seq = ?, rows = rows + ?, damaged = damaged + ?",
                    [pieces[-1].seq, added, damaged],
                )
                self._write.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise
            if self.touched is not None:  # before the place moves: whoever reads it must find the days
                self.touched.note(seq=pieces[-1].seq, first=min(first))
            self.applied_seq = pieces[-1].seq
            self._cache.written(self._write, rows=added)
        if taken_out:
            self._tracks.drop()
        return added

    def repeats(self) -> list[tuple[int, str]]:
        """Ids that came since the last `compact` and stand more than once."""
        return self._cursor("asking").execute(_REPEATS).fetchall()

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
                self._write.execute(NEW_LAYOUT)
                self._write.execute("DELETE FROM touched")
                self._write.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise
            # Refused while someone still reads the old rows; the next checkpoint frees them then.
            with suppress(duckdb.TransactionException):
                self._write.execute("CHECKPOINT")

    def tracks(self, order: Order, prop: str | None = None) -> Tracks | None:
        """Events by person or account, in time, with the values of a property; None while they are being laid out."""
        with self._cache.asking():
            return self._tracks.read(order, prop)

    def lay_tracks(self) -> None:
        """Lay the tracks out as the index is now; returns when that is done."""
        self._tracks.make()

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
        """Close every cursor too, after the write under way: DuckDB keeps a file open while one is left."""
        if tracks := getattr(self, "_tracks", None):
            tracks.close()
        with self._writing, self._handing_out:
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
        self._write.execute("INSERT INTO meta VALUES (?, 0, 0, 0, 0, ?, ?, uuid())", made_for)
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

    def _insert(self, tables: list[pa.Table], *, first: list[date]) -> int:
        """Add the rows, and to `first` their earliest day; returns how many."""
        if not tables or not any(table.num_rows for table in tables):
            return 0
        batch = pa.concat_tables(tables)
        batch = batch.append_column("day", local_days(batch["ts"], zone=self.zone))
        first.append(pc.min(batch["day"]).as_py())
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
        Corrections(self._write).make(op)

    def _rollback(self) -> None:
        with suppress(duckdb.Error):  # the failing statement may have ended the transaction already
            self._write.execute("ROLLBACK")
        with suppress(duckdb.Error):  # a broken database has no names; the applier sets it aside
            self._names = self._read_names()

    def _read_names(self) -> dict[str, int]:
        names = self._write.execute("SELECT name FROM names ORDER BY name_id").fetchall()
        return {name: code for code, (name,) in enumerate(names)}


@contextmanager
def _told(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The statement of this cursor is under the watch of this thread, if there is one."""
    watch = current_watch()
    if watch is None:
        yield
        return

    def progress() -> float | None:
        percent = cursor.query_progress()
        return None if percent < 0 else percent / 100

    cursor.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    with watch.statement(interrupt=cursor.interrupt, progress=progress):
        yield


def _connect(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    for _ in range(100):
        db = _opened(path, memory)
        if path.exists():
            break
        # A question under way still holds the file that was renamed, and DuckDB gave us that one: wait for it.
        db.close()
        time.sleep(0.1)
    os.chmod(path, 0o600)
    folder = str(path.parent / "spill").replace("'", "''")
    db.execute(f"SET temp_directory = '{folder}'")
    db.execute("SET TimeZone = 'UTC'; SET enable_external_access = false")
    return db


def _opened(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        str(path),
        config={
            "checkpoint_threshold": "256MB",  # at the default of 16 MB every row is rewritten several times
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory,
            "storage_compatibility_version": "latest",
            "preserve_insertion_order": "true",
        },
    )
