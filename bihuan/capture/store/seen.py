"""Which event ids were stored in the last 30 days or more, so that a repeated event is not stored twice.

An id is kept as a digest of 16 bytes. What a group brought is one row (`fresh_ids`), written in the group's own
transaction: a sequential write, where a tree of random digests would touch a page for each. From time to time the
fresh ids become a sorted run (`old_ids`); a filter in memory (two bytes an id) says which ids cannot be in any run,
and the few others are looked up in the runs. Memory only ever follows what is committed, so a transaction that is
rolled back leaves no trace, and other processes may append to the same log.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from math import isqrt
from typing import Any

import numpy as np

from bihuan.capture.store.bloom import Bloom

DAYS = 30
SIZE = 16
TABLES = """
CREATE TABLE IF NOT EXISTS fresh_ids (seq INTEGER PRIMARY KEY, day INTEGER NOT NULL, ids BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS old_ids (
    run INTEGER PRIMARY KEY AUTOINCREMENT, absorbed TEXT NOT NULL, day INTEGER NOT NULL, rows INTEGER NOT NULL,
    ids BLOB NOT NULL
);
"""


def digest(*, source_id: int, event_id: str) -> bytes:
    """16 bytes that stand for this event id within its source."""
    return hashlib.blake2b(event_id.encode(), digest_size=SIZE, key=b"%d" % source_id).digest()


def digests(source_ids: Iterable[int], event_ids: Iterable[str]) -> list[bytes]:
    """The digest of each pair."""
    return [
        digest(source_id=source, event_id=event) for source, event in zip(source_ids, event_ids, strict=True)
    ]


class Seen:
    """The ids of one log. Every call happens inside the caller's write transaction on that log."""

    def __init__(self, *, fresh: int = 100_000, merge: int = 16) -> None:
        self._limit, self._merge_at = fresh, merge
        self._fresh: set[bytes] = set()
        self._upto = 0
        self._runs: dict[int, int] = {}
        self._filter = Bloom()

    def known(self, db: sqlite3.Connection, keys: Sequence[bytes]) -> list[int]:
        """The positions of ids that were stored before or stand twice in the list."""
        self._catch_up(db)
        old = self._in_runs(db, {keys[index] for index in self._filter.maybe(keys)})
        if not old and self._fresh.isdisjoint(keys) and len(set(keys)) == len(keys):
            return []
        first: set[bytes] = set()
        twice = []
        for index, key in enumerate(keys):
            if key in self._fresh or key in first or key in old:
                twice.append(index)
            else:
                first.add(key)
        return twice

    def keep(self, db: sqlite3.Connection, keys: Sequence[bytes], *, seq: int, day: int) -> None:
        """Remember these new ids of group `seq`, received on that day (counted from 1970)."""
        db.execute("INSERT INTO fresh_ids (seq, day, ids) VALUES (?, ?, ?)", (seq, day, b"".join(keys)))
        if len(self._fresh) + len(keys) >= self._limit:
            self._freeze(db, day)

    # Following the tables

    def _catch_up(self, db: sqlite3.Connection) -> None:
        runs = dict(db.execute("SELECT run, rows FROM old_ids").fetchall())
        if runs != self._runs:
            self._follow_runs(db, runs)
            self._fresh, self._upto = set(), 0
        for seq, ids in db.execute(
            "SELECT seq, ids FROM fresh_ids WHERE seq > ? ORDER BY seq", (self._upto,)
        ):
            self._fresh.update(np.frombuffer(ids, dtype=_WHOLE).tolist())
            self._upto = seq

    def _follow_runs(self, db: sqlite3.Connection, runs: dict[int, int]) -> None:
        total = sum(runs.values())
        if not self._filter.has_room(total):
            self._filter = Bloom(total * 2)
            self._runs = {}
        for run in runs.keys() - self._runs.keys():
            (absorbed,) = db.execute("SELECT absorbed FROM old_ids WHERE run = ?", (run,)).fetchone()
            parts = {int(part) for part in absorbed.split(",") if part}
            if not parts or not parts <= self._runs.keys():  # else the filter holds them already
                (ids,) = db.execute("SELECT ids FROM old_ids WHERE run = ?", (run,)).fetchone()
                self._filter.add(ids)
        self._runs = runs

    # Looking into the runs

    def _in_runs(self, db: sqlite3.Connection, keys: set[bytes]) -> set[bytes]:
        if len(keys) > 200:
            return self._many_in_runs(db, keys)
        found = set()
        for run, rows in self._runs.items():
            with db.blobopen("old_ids", "ids", run, readonly=True) as blob:
                found |= {key for key in keys if _is_in(blob, key, rows)}
        return found

    def _many_in_runs(self, db: sqlite3.Connection, keys: set[bytes]) -> set[bytes]:
        wanted = _sorted(b"".join(keys))
        found: set[bytes] = set()
        for run in self._runs:
            (ids,) = db.execute("SELECT ids FROM old_ids WHERE run = ?", (run,)).fetchone()
            held = np.frombuffer(ids, dtype=_KEY)
            at = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
            found.update(
                wanted[held[at] == wanted].tobytes()[i : i + SIZE] for i in _every(held[at] == wanted)
            )
        return found

    # From fresh to old

    def _freeze(self, db: sqlite3.Connection, day: int) -> None:
        small = db.execute("SELECT run, day, ids FROM old_ids WHERE absorbed = '' ORDER BY run").fetchall()
        if len(small) >= self._merge_at:
            runs, days, ids = zip(*small, strict=True)
            _add_run(db, b"".join(ids), day=max(days), absorbed=runs)
            db.executemany("DELETE FROM old_ids WHERE run = ?", [(run,) for run in runs])
        rows = db.execute("SELECT ids FROM fresh_ids").fetchall()
        _add_run(db, b"".join(ids for (ids,) in rows), day=day)
        db.execute("DELETE FROM fresh_ids")
        # One at a time: should the clock be wrong by years, not everything is forgotten at once.
        db.execute(
            "DELETE FROM old_ids WHERE run = (SELECT min(run) FROM old_ids WHERE day < ?)", (day - DAYS,)
        )


_KEY = np.dtype(f"S{SIZE}")
_WHOLE = np.dtype(f"V{SIZE}")  # its values are bytes of full length, where S drops zeros at the end


def _every(mask: Any) -> range:
    return range(0, int(mask.sum()) * SIZE, SIZE)


def _sorted(ids: bytes) -> Any:
    return np.sort(np.frombuffer(ids, dtype=_KEY), kind="stable")


def _add_run(db: sqlite3.Connection, ids: bytes, *, day: int, absorbed: Sequence[int] = ()) -> None:
    parts, rows, body = ",".join(map(str, absorbed)), len(ids) // SIZE, _sorted(ids).tobytes()
    db.execute("INSERT INTO old_ids (absorbed, day, rows, ids) VALUES (?, ?, ?, ?)", (parts, day, rows, body))


def _is_in(blob: sqlite3.Blob, key: bytes, rows: int) -> bool:
    """Digests are spread evenly, so the place of one in a sorted run is known to within a few square roots."""
    guess = int.from_bytes(key[:8], "big") * rows >> 64
    reach = 8 * isqrt(rows) + 16
    start = max(0, guess - reach)
    blob.seek(start * SIZE)
    window = blob.read((min(rows, guess + reach) - start) * SIZE)
    at = window.find(key)
    while at % SIZE and at != -1:
        at = window.find(key, at + 1)
    return at != -1
