"""The test database as it is after all migrations, kept beside what `make` keeps; other migrations make another one."""

import hashlib
import os
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[1]


@lru_cache
def place() -> Path:
    """Its file, named after all code that could have a part in it."""
    seen = hashlib.sha256(f"{django.__version__} {sqlite3.sqlite_version}".encode())
    for path in sorted((ROOT / "bihuan").rglob("*.py")):
        if "tests" not in path.parts:
            seen.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return ROOT / ".make" / f"test-database-{seen.hexdigest()[:16]}.sqlite3"


def bring_in(connection: Any, **_signal: Any) -> None:
    """Fill a database in memory that has just been opened and is empty; what Django migrates then is nothing."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or "mode=memory" not in name or not place().exists():
        return
    if connection.connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        with sqlite3.connect(place()) as kept:
            kept.backup(connection.connection)
        kept.close()


def keep() -> None:
    """Write what this run migrated, whole or not at all."""
    from django.db import connection

    if (
        connection.vendor != "sqlite"
        or "mode=memory" not in str(connection.settings_dict["NAME"])
        or place().exists()
    ):
        return
    place().parent.mkdir(exist_ok=True)
    for old in place().parent.glob("test-database-*"):
        old.unlink(missing_ok=True)
    written = place().with_suffix(f".{os.getpid()}")
    connection.ensure_connection()
    with sqlite3.connect(written) as copy:
        connection.connection.backup(copy)
    copy.close()
    written.rename(place())
