"""Old groups of the log as immutable Parquet files by day, each with its digest in the log's own database.

The file is on disk before the groups leave the log, in the transaction that names it; a file that no line names is what a
crash left. Log and files together are the truth. A file is only ever replaced by one without the rows of somebody erased
or of a time that need not be kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.capture.store.corrections import Drop
from bihuan.capture.store.errors import LogDamaged, SealedDamaged, StoreError
from bihuan.capture.store.index import Piece
from bihuan.capture.store.log import Log
from bihuan.capture.store.schema import EVENTS, local_days

_FILE_ROWS = 262_144
_ALL = 2**62
_DAY = 86_400
_HALF_A_DAY_US = 43_200_000_000
_TABLE = """
CREATE TABLE IF NOT EXISTS sealed (
    file TEXT NOT NULL PRIMARY KEY, day TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, damaged INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""
_SCHEMA = EVENTS.append(pa.field("seq", pa.int64(), nullable=False))


@dataclass(frozen=True, kw_only=True)
class SealedFile:
    """One file: `file` is its path below the folder; `day` that on which its events came."""

    file: str
    day: str
    first_seq: int
    last_seq: int
    rows: int
    bytes: int
    sha256: str
    damaged: bool = False


@dataclass(frozen=True)
class SealedPiece:
    """Rows of a sealed file up to one place of the log."""

    seq: int
    rows: int
    table: pa.Table | None
    is_op: bool = False

    def events(self) -> pa.Table:
        """Its rows; LogDamaged when the file is not what was written."""
        if self.table is None:
            raise LogDamaged(seq=self.seq)
        return self.table

    def op(self) -> dict[str, Any]:
        """Files hold no corrections: these stay in the log."""
        raise StoreError("A sealed file holds no corrections.")


class Sealed:
    """The sealed files of one log, in `folder`."""

    def __init__(self, folder: Path, *, log: Log, zone: str) -> None:
        self.folder, self._log, self._zone = folder, log, zone
        with log.writing() as db:
            db.execute(_TABLE)

    def files(self) -> list[SealedFile]:
        """Every file, the oldest first."""
        columns = ", ".join(SealedFile.__dataclass_fields__)
        rows = self._log.ask(f"SELECT {columns} FROM sealed ORDER BY first_seq")
        return [SealedFile(**dict(zip(SealedFile.__dataclass_fields__, row, strict=True))) for row in rows]

    def newest_received(self, *, until: datetime) -> datetime | None:
        """When the newest of the events that came up to that moment was received; None when there is none.

        Of a sealed file the day counts. One of the last half day may be told in place of the newest: the search ends there.
        """
        us = int(until.timestamp() * 1_000_000)
        days = [datetime.fromisoformat(one.day).replace(tzinfo=ZoneInfo(self._zone)) for one in self.files()]
        found = max((int(day.timestamp() * 1_000_000) for day in days if day <= until), default=None)
        for group in self._log.backwards():
            try:
                came = group.events()["received_at"].cast(pa.int64())
            except LogDamaged:
                continue
            newest = pc.max(came.filter(pc.less_equal(came, us))).as_py()
            if newest is not None and (found is None or newest > found):
                found = newest
            if found is not None and found > us - _HALF_A_DAY_US:
                break  # not at the first that came before: what is imported today came long ago
        return None if found is None else datetime.fromtimestamp(found / 1_000_000, tz=UTC)

    # Sealing

    def seal(self, *, before: datetime) -> int:
        """Seal the groups at the log's old end whose events all came before that moment; returns how many events."""
        sealed, after = 0, max((one.last_seq for one in self.files()), default=0)
        until = int(before.timestamp() * 1_000_000)
        with self._alone():
            self._clear()
            day, tables, seqs = "", list[pa.Table](), list[int]()
            for seq, table in self._old(after, until):
                its_day = str(pc.max(local_days(table["received_at"], zone=self._zone)).as_py())
                if tables and (
                    its_day != day or sum(one.num_rows for one in tables) + table.num_rows > _FILE_ROWS
                ):
                    sealed += self._write(day, tables, seqs)
                    tables, seqs = [], []
                day = its_day
                tables.append(_with_seq(table, seq))
                seqs.append(seq)
            if tables:
                sealed += self._write(day, tables, seqs)
        return sealed

    def _old(self, after: int, until: int) -> Iterator[tuple[int, pa.Table]]:
        while groups := self._log.read(after=after, max_rows=_FILE_ROWS):
            for group in groups:
                after = group.seq
                if group.is_op:
                    continue
                try:
                    table = group.events()
                except LogDamaged:
                    continue  # it stays where it can be looked at
                if not table.num_rows:
                    continue
                came = pc.max(table["received_at"].cast(pa.int64())).as_py()
                if came > (time.time() + _DAY) * 1_000_000:
                    continue  # a clock was wrong: it stays in the log, and does not stand in the way
                if came >= until:
                    return
                yield group.seq, table

    def _write(self, day: str, tables: list[pa.Table], seqs: list[int]) -> int:
        file = self._file(pa.concat_tables(tables), day=day, name=f"{seqs[0]:012d}-{seqs[-1]:012d}")
        with self._log.writing() as db:
            _name(db, file)
            db.executemany("DELETE FROM groups WHERE seq = ?", [(seq,) for seq in seqs])
        return file.rows

    def _file(self, table: pa.Table, *, day: str, name: str) -> SealedFile:
        place = self.folder / f"day={day}"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = place / f"{name}.parquet"
        fresh = path.with_suffix(".new")
        pq.write_table(table.cast(_SCHEMA), fresh, compression="zstd")
        fresh.chmod(0o600)
        _to_disk(fresh)
        os.replace(fresh, path)
        for folder in (place, self.folder, self.folder.parent):
            _to_disk(folder)
        seqs = table["seq"]
        return SealedFile(
            file=str(path.relative_to(self.folder)), day=day, first_seq=pc.min(seqs).as_py(),
            last_seq=pc.max(seqs).as_py(), rows=table.num_rows, bytes=path.stat().st_size, sha256=_digest(path),
        )  # fmt: skip

    # Reading

    def read(self, *, after: int, max_rows: int) -> Sequence[Piece]:
        """What stands in the log and in the files after that place, in order; nothing when that is all."""
        while True:
            files = self.files()
            pieces = self._read(files, after=after, max_rows=max_rows)
            if [one.file for one in files] == [one.file for one in self.files()]:  # nothing moved meanwhile
                return pieces

    def _read(self, files: list[SealedFile], *, after: int, max_rows: int) -> Sequence[Piece]:
        file = next((one for one in files if one.last_seq > after), None)
        if file is None:
            return self._log.read(after=after, max_rows=max_rows)
        before: Sequence[Piece] = self._log.read(after=after, max_rows=max_rows, before=file.first_seq)
        if before:
            return before
        between: Sequence[Piece] = self._log.read(
            after=max(after, file.first_seq), before=file.last_seq, max_rows=_ALL, max_groups=_ALL
        )
        table = self._table(file)
        if table is None:
            return [*between, SealedPiece(seq=file.last_seq, rows=0, table=None)]
        pieces: list[Piece] = []
        for piece in between:
            pieces += _part(table, after=after, until=piece.seq)
            pieces.append(piece)
            after = piece.seq
        return [*pieces, *_part(table, after=after, until=file.last_seq)] or [
            SealedPiece(seq=file.last_seq, rows=0, table=EVENTS.empty_table())
        ]

    def _table(self, file: SealedFile) -> pa.Table | None:
        """Its rows; None, and noted, when it is not what was written."""
        if not self._is_sound(file):
            return None
        return pq.read_table(self.folder / file.file, partitioning=None)

    def _is_sound(self, file: SealedFile) -> bool:
        try:
            sound = _digest(self.folder / file.file) == file.sha256
        except OSError:
            sound = False
        if sound == file.damaged:
            with self._log.writing() as db:
                db.execute("UPDATE sealed SET damaged = ? WHERE file = ?", (not sound, file.file))
        return sound

    def verify(self) -> list[str]:
        """Read every file and compare its digest; returns the names of those that are damaged or missing."""
        return [file.file for file in self.files() if not self._is_sound(file)]

    # Taking out

    def drop(self, drop: Drop) -> int:
        """Write the files that hold such rows again without them; returns how many. SealedDamaged, after all the
        others are done, names those that could not be read."""
        dropped, damaged = 0, list[str]()
        with self._alone():
            for file in self.files():
                path = self.folder / file.file
                try:
                    if not drop.any_in(pq.read_table(path, columns=list(drop.columns), partitioning=None)):
                        continue
                except (OSError, pa.ArrowException):
                    damaged.append(file.file)
                    continue
                table = self._table(file)
                if table is None:
                    damaged.append(file.file)
                    continue
                kept = drop.kept(table)
                dropped += table.num_rows - kept.num_rows
                self._replace(file, kept)
        if damaged:
            raise SealedDamaged(names=damaged)
        return dropped

    def _replace(self, file: SealedFile, kept: pa.Table) -> None:
        old = self.folder / file.file
        stem, _, turn = old.stem.partition("-r")
        new = None
        if kept.num_rows:
            new = self._file(kept, day=file.day, name=f"{stem}-r{int(turn or 0) + 1}")
        with self._log.writing() as db:
            db.execute("DELETE FROM sealed WHERE file = ?", (file.file,))
            if new is not None:
                _name(db, new)
        old.unlink(missing_ok=True)
        _to_disk(old.parent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time changes files; a backup may hold `sealed.lock` while it copies."""
        with (self.folder.parent / "sealed.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _clear(self) -> None:
        """Remove what a crash left: half-written files, and those whose rows stand in the log or in a named file."""
        files = self.files()
        named, upto = {one.file for one in files}, max((one.last_seq for one in files), default=0)
        for path in self.folder.glob("day=*/*"):
            if path.suffix == ".new":
                path.unlink()
            elif str(path.relative_to(self.folder)) not in named:
                first = int(path.stem.split("-")[0])
                covered = any(one.first_seq <= first <= one.last_seq for one in files)
                if covered or (first > upto and self._log.ask(f"SELECT 1 FROM groups WHERE seq = {first}")):
                    path.unlink()


def _with_seq(table: pa.Table, seq: int) -> pa.Table:
    return table.append_column(_SCHEMA.field("seq"), pa.array(np.full(table.num_rows, seq, dtype=np.int64)))


def _part(table: pa.Table, *, after: int, until: int) -> list[SealedPiece]:
    chosen = table.filter(pc.and_(pc.greater(table["seq"], after), pc.less_equal(table["seq"], until)))
    if not chosen.num_rows:
        return []
    seq = pc.max(chosen["seq"]).as_py()
    return [SealedPiece(seq=seq, rows=chosen.num_rows, table=chosen.select(EVENTS.names).cast(EVENTS))]


def _name(db: Any, file: SealedFile) -> None:
    values = [getattr(file, name) for name in SealedFile.__dataclass_fields__]
    columns = ", ".join(SealedFile.__dataclass_fields__)
    db.execute(f"INSERT INTO sealed ({columns}) VALUES ({', '.join('?' * len(values))})", values)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
