"""Which event ids were stored in the last 30 days or more, so that a repeated event is not stored twice.

Ids are kept as 128-bit digests in one table per 30-day period. The table of this period and the one before it
are asked; older ones are dropped whole, which costs nothing per row.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence

PERIOD_DAYS = 30
_PREFIX = "seen_"


def digest(*, source_id: int, event_id: str) -> bytes:
    """16 bytes that stand for this event id within its source."""
    return hashlib.blake2b(event_id.encode(), digest_size=16, key=b"%d" % source_id).digest()


def digests(source_ids: Iterable[int], event_ids: Iterable[str]) -> list[bytes]:
    """The digest of each pair."""
    return [
        digest(source_id=source, event_id=event) for source, event in zip(source_ids, event_ids, strict=True)
    ]


def claim(db: sqlite3.Connection, keys: Sequence[bytes], *, day: int) -> list[int]:
    """Mark these ids as stored; returns the positions that were stored before or stand twice in the list.

    Runs inside the caller's transaction: what is rolled back was never claimed.
    """
    current, previous = _tables(db, period=day // PERIOD_DAYS)
    statement = f"INSERT OR IGNORE INTO {current} (id) " + (
        f"SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM {previous} WHERE id = ?1)" if previous else "VALUES (?1)"
    )
    before = db.total_changes
    db.execute("SAVEPOINT claim")
    db.executemany(
        statement,
        [(key,) for key in sorted(keys)],  # in the order of the tree: fewer pages at a time
    )
    if db.total_changes - before == len(keys):
        db.execute("RELEASE claim")
        return []
    # Some were known. Ask again one by one: rare, and the only way SQLite tells which.
    db.execute("ROLLBACK TO claim")
    db.execute("RELEASE claim")
    return [index for index, key in enumerate(keys) if db.execute(statement, (key,)).rowcount == 0]


def _tables(db: sqlite3.Connection, *, period: int) -> tuple[str, str | None]:
    """The table to write and the one before it. A clock that jumps back keeps writing the newest table."""
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'seen_[0-9]*'")
    periods = sorted(int(name.removeprefix(_PREFIX)) for (name,) in found)
    if not periods or period > periods[-1]:
        db.execute(f"CREATE TABLE {_PREFIX}{period} (id BLOB NOT NULL PRIMARY KEY) WITHOUT ROWID")
        for old in periods[:-1]:
            db.execute(f"DROP TABLE {_PREFIX}{old}")
        periods = [*periods[-1:], period]
    current = f"{_PREFIX}{periods[-1]}"
    return current, f"{_PREFIX}{periods[-2]}" if len(periods) > 1 else None
