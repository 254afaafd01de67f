"""Records of a PostgreSQL database are dumped and restored with its own tools. Collected when DATABASE_URL is set."""

import os
from datetime import UTC, datetime
from urllib.parse import urlparse

import psycopg
import pytest

from bihuan.capture.store import Store
from bihuan.config.backup import BackupError, make_backup, restore

AT = datetime(2026, 11, 22, tzinfo=UTC)
SOURCE, TARGET = "bihuan_backup_from", "bihuan_backup_to"


@pytest.fixture
def databases():
    """Two databases beside the test's own: one with a row, one empty; both are dropped at the end."""
    parts = urlparse(os.environ["DATABASE_URL"])
    urls = {name: parts._replace(path=f"/{name}").geturl() for name in (SOURCE, TARGET)}
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        for name in urls:
            server.execute(f"DROP DATABASE IF EXISTS {name}")
            server.execute(f"CREATE DATABASE {name}")
    with psycopg.connect(urls[SOURCE]) as db:
        db.execute("CREATE TABLE customers (name text)")
        db.execute("INSERT INTO customers VALUES ('云杉仪器')")
    yield urls
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        for name in urls:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_dump_is_restored_into_an_empty_database(databases, tmp_path):
    home, file = tmp_path / "home", tmp_path / "b.tar.zst"
    Store(home).close()
    made = make_backup(home=home, target=file, version="1", at=AT, say=print, database_url=databases[SOURCE])
    assert made["records"] == "postgresql"
    with pytest.raises(BackupError, match="DATABASE_URL set"):
        restore(source=file, home=tmp_path / "other", say=print)
    restore(source=file, home=tmp_path / "other", say=print, database_url=databases[TARGET])
    with psycopg.connect(databases[TARGET]) as db:
        assert db.execute("SELECT name FROM customers").fetchall() == [("云杉仪器",)]
    assert not (tmp_path / "other" / "records.pgdump").exists()
    with pytest.raises(BackupError, match="pg_restore failed"):  # the database is not empty any more
        restore(source=file, home=tmp_path / "third", say=print, database_url=databases[TARGET])
    assert not (tmp_path / "third").exists()
