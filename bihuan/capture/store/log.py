"""The truth: an append-only log in one SQLite file. A group is durable when `append` returns.

Many threads and processes may append; each append is one transaction: the ids claimed and the rows stored.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bihuan.capture.store import seen
from bihuan.capture.store.errors import LogDamaged
from bihuan.capture.store.schema import EVENTS, EVENTS_BEFORE_COMPANY, as_events, with_company

EVENTS_KIND, OP_KIND = 0, 1
GROUP_ROWS = 65_536
_GROUP_BYTES = 64 * 2**20
_FORMAT = 2
_AT_ONCE = 16
_BUSY_SECONDS = 30
_US_PER_DAY = 86_400_000_000

_TABLES = """
CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS groups (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    format INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    raw_bytes INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS chunks (chunk_key TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True)
class Appended:
    """`seq`: what to wait for; `stored`: rows added; `duplicates`: positions of rows known before."""

    seq: int
    stored: int
    duplicates: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Group:
    """One row of the log, still packed."""

    seq: int
    kind: int
    rows: int
    raw_bytes: int
    crc: int
    body: bytes
    format: int

    @property
    def is_op(self) -> bool:
        """Whether it is a correction."""
        return self.kind == OP_KIND

    def events(self) -> pa.Table:
        """Its rows; raises LogDamaged when the bytes are not those that were written."""
        if self.format == 1:
            return with_company(
                pa.Table.from_batches([pa.ipc.read_record_batch(self._raw(), EVENTS_BEFORE_COMPANY)])
            )
        return pa.Table.from_batches([pa.ipc.read_record_batch(self._raw(), EVENTS)])

    def op(self) -> dict[str, Any]:
        """Its correction; raises LogDamaged when the bytes are not those that were written."""
        op: dict[str, Any] = json.loads(self._raw().to_pybytes())
        return op

    def _raw(self) -> pa.Buffer:
        if zlib.crc32(self.body) != self.crc:
            raise LogDamaged(seq=self.seq)
        return pa.Codec("zstd").decompress(self.body, decompressed_size=self.raw_bytes)


_COLUMNS = "seq, kind, rows, raw_bytes, crc, body, format"


def _group(row: tuple[Any, ...]) -> Group:
    return Group(**dict(zip(_COLUMNS.split(", "), row, strict=True)))


class Log:
    """The log file at `path`, made when it is missing (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._seen = seen.Seen()
        self._writer, self._reader = _connect(path), _connect(path)
        with self._writing, _transaction(self._writer) as db:
            for statement in (_TABLES + seen.TABLES).split(";"):
                db.execute(statement)
            if not db.execute("SELECT 1 FROM identity").fetchone():
                db.execute("INSERT INTO identity SELECT lower(hex(randomblob(16)))")
            self.id: str = db.execute("SELECT id FROM identity").fetchone()[0]

    def append(self, batch: pa.Table, *, chunk_key: str | None = None) -> Appended:
        """Store these events and return when they are on the disk.

        Events whose id came before (same source, last 30 days) are left out and named in `duplicates`. With
        `chunk_key` the whole batch is stored once under that key and ids are not looked at.
        """
        table = as_events(batch)
        packed = None if chunk_key is None else _packed(table)  # outside the lock: others may write meanwhile
        keys = [] if chunk_key is not None else _keys(table)
        with self._writing, _transaction(self._writer) as db:
            if packed is not None and chunk_key is not None:
                return self._append_chunk(db, table, packed, chunk_key)
            return self._append_new(db, table, keys)

    def append_op(self, op: dict[str, Any]) -> int:
        """Store a correction; returns its place in the log."""
        with self._writing, _transaction(self._writer) as db:
            return _insert(db, kind=OP_KIND, rows=0, raw=pa.py_buffer(json.dumps(op).encode()))

    def head(self) -> int:
        """The place of the newest group, 0 when there is none."""
        with self._reading:
            return _head(self._reader)

    def rows(self) -> int:
        """How many events the log holds."""
        with self._reading:
            count: int = self._reader.execute("SELECT coalesce(sum(rows), 0) FROM groups").fetchone()[0]
            return count

    def read(self, *, after: int, max_rows: int, max_groups: int = 5_000, before: int = 2**62) -> list[Group]:
        """The groups after that place and before the other in order, at least one if any, until `max_rows` is reached."""
        groups: list[Group] = []
        total = 0
        with self._reading:
            cursor = self._reader.execute(
                f"SELECT {_COLUMNS} FROM groups WHERE seq > ? AND seq < ? ORDER BY seq", (after, before)
            )
            for row in cursor:
                groups.append(_group(row))
                total += groups[-1].rows
                if total >= max_rows or len(groups) >= max_groups:
                    break
            cursor.close()
        return groups

    def backwards(self) -> Iterator[Group]:
        """The groups of events, the newest first."""
        before = 2**62
        while rows := self.ask(
            f"SELECT {_COLUMNS} FROM groups WHERE kind = {EVENTS_KIND} AND seq < {before} "
            f"ORDER BY seq DESC LIMIT {_AT_ONCE}"
        ):
            for group in map(_group, rows):
                before = group.seq
                yield group

    def ops(self) -> list[dict[str, Any]]:
        """Every correction in order; damaged ones are left out."""
        found = []
        for row in self.ask(f"SELECT {_COLUMNS} FROM groups WHERE kind = {OP_KIND} ORDER BY seq"):
            with suppress(LogDamaged):
                found.append(_group(row).op())
        return found

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a SELECT on the log's own database."""
        with self._reading:
            return self._reader.execute(sql).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction on the log's own database."""
        with self._writing, _transaction(self._writer) as db:
            yield db

    def rewrite(self, keep: Callable[[pa.Table], pa.Table]) -> int:
        """Replace every group by what `keep` keeps of it; returns how many events were taken out for good."""
        taken = after = 0
        with self._writing:
            self._writer.execute("PRAGMA secure_delete=ON")
        while groups := self.read(after=after, max_rows=GROUP_ROWS * 4):
            for group in groups:
                after = group.seq
                if group.is_op:
                    continue
                table = group.events()
                kept = keep(table)
                if kept.num_rows < table.num_rows:
                    taken += table.num_rows - kept.num_rows
                    self._replace(group.seq, kept)
        with self._writing:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.execute("PRAGMA secure_delete=OFF")
        return taken

    def close(self) -> None:
        """Close the file; what was appended stays."""
        with self._writing, self._reading:
            self._writer.close()
            self._reader.close()

    def _append_chunk(
        self, db: sqlite3.Connection, table: pa.Table, packed: list[_Packed], key: str
    ) -> Appended:
        known = db.execute("SELECT seq FROM chunks WHERE chunk_key = ?", (key,)).fetchone()
        if known:
            return Appended(seq=known[0], stored=0, duplicates=range(table.num_rows))
        seq = _head(db)
        for part in packed:
            seq = _insert_packed(db, part)
        db.execute("INSERT INTO chunks (chunk_key, seq) VALUES (?, ?)", (key, seq))
        return Appended(seq=seq, stored=table.num_rows, duplicates=())

    def _append_new(self, db: sqlite3.Connection, table: pa.Table, keys: list[bytes]) -> Appended:
        if not table.num_rows:
            return Appended(seq=_head(db), stored=0, duplicates=())
        newest = pc.max(table["received_at"].cast(pa.int64())).as_py()
        duplicates = self._seen.known(db, keys)
        if duplicates:
            known = set(duplicates)
            table = table.filter(pa.array([index not in known for index in range(table.num_rows)]))
            keys = [key for index, key in enumerate(keys) if index not in known]
        seq = _head(db)
        for part in _packed(table):
            seq = _insert_packed(db, part)
        if keys:
            self._seen.keep(db, keys, seq=seq, day=newest // _US_PER_DAY)
        return Appended(seq=seq, stored=table.num_rows, duplicates=duplicates)

    def _replace(self, seq: int, table: pa.Table) -> None:
        batches = table.combine_chunks().to_batches()
        part = _pack(batches[0] if batches else pa.RecordBatch.from_pylist([], schema=EVENTS))
        with self._writing, _transaction(self._writer) as db:
            db.execute(
                "UPDATE groups SET rows = ?, raw_bytes = ?, crc = ?, body = ?, format = ? WHERE seq = ?",
                (part.rows, part.raw_bytes, zlib.crc32(part.body), part.body, _FORMAT, seq),
            )


@dataclass(frozen=True, kw_only=True)
class _Packed:
    rows: int
    raw_bytes: int
    body: bytes


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
    for attempt in range(100):
        try:
            db.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:  # another process is switching the new file to WAL this moment
            if attempt == 99:
                raise
            time.sleep(0.05)
    for pragma in ("synchronous=FULL", "wal_autocheckpoint=4000", "cache_size=-65536"):
        db.execute(f"PRAGMA {pragma}")
    return db


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _head(db: sqlite3.Connection) -> int:
    # Not the greatest that is there: the groups at the end may all have been sealed.
    found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'groups'").fetchone()
    return int(found[0]) if found else 0


def _keys(table: pa.Table) -> list[bytes]:
    return seen.digests(table["source_id"].to_pylist(), table["event_id"].to_pylist())


def _packed(table: pa.Table) -> list[_Packed]:
    """Groups of at most GROUP_ROWS rows, and of about 64 MB when the properties are large."""
    size = max(1, min(GROUP_ROWS, table.num_rows * _GROUP_BYTES // max(table.nbytes, 1)))
    return [_pack(batch) for batch in table.combine_chunks().to_batches(max_chunksize=size)]


def _pack(batch: pa.RecordBatch) -> _Packed:
    raw = batch.serialize()
    return _Packed(rows=batch.num_rows, raw_bytes=raw.size, body=_compress(raw))


def _compress(raw: pa.Buffer) -> bytes:
    body: bytes = pa.Codec("zstd", compression_level=1).compress(raw, asbytes=True)
    return body


def _insert(db: sqlite3.Connection, *, kind: int, rows: int, raw: pa.Buffer) -> int:
    return _insert_packed(db, _Packed(rows=rows, raw_bytes=raw.size, body=_compress(raw)), kind=kind)


def _insert_packed(db: sqlite3.Connection, part: _Packed, *, kind: int = EVENTS_KIND) -> int:
    cursor = db.execute(
        "INSERT INTO groups (kind, format, rows, raw_bytes, crc, body) VALUES (?, ?, ?, ?, ?, ?)",
        (kind, _FORMAT, part.rows, part.raw_bytes, zlib.crc32(part.body), part.body),
    )
    return int(cursor.lastrowid or 0)
