"""Memory does not grow with what was only written."""

from pathlib import Path

import duckdb
import pytest

from bihuan.capture.store.duckdb_cache import Cache

KEEP = 8 * 10**6
LIMIT = "1000000000B"


@pytest.fixture
def db(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(str(tmp_path / "some.duckdb"), config={"memory_limit": LIMIT})
    made.execute("CREATE TABLE t AS SELECT md5(i::VARCHAR) AS m FROM range(1_000_000) r(i)")
    made.execute("CHECKPOINT")
    return made


def taken(db: duckdb.DuckDBPyConnection) -> int:
    return int(db.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()[0][0])


def test_what_was_written_is_let_go_and_can_still_be_asked(db: duckdb.DuckDBPyConnection) -> None:
    cache = Cache(limit=LIMIT, keep=KEEP, every_rows=100)
    before = db.execute("SELECT max(m) FROM t").fetchall()
    assert taken(db) > KEEP
    cache.written(db, rows=99)
    assert taken(db) > KEEP, "not yet"
    limit = db.execute("SELECT current_setting('memory_limit')").fetchall()
    cache.written(db, rows=1)
    assert taken(db) <= KEEP
    assert db.execute("SELECT max(m) FROM t").fetchall() == before
    assert db.execute("SELECT current_setting('memory_limit')").fetchall() == limit


def test_while_somebody_asks_nothing_is_let_go(db: duckdb.DuckDBPyConnection) -> None:
    cache = Cache(limit=LIMIT, keep=KEEP, every_rows=1)
    with cache.asking():
        cache.written(db, rows=1)
        assert taken(db) > KEEP
    cache.written(db, rows=1)
    assert taken(db) <= KEEP
