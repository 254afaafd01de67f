"""DuckDB's file: set aside and made again when it is broken, and the owner's alone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bihuan.capture.store import Store
from bihuan.capture.store.tests.conftest import events


@pytest.mark.parametrize("damage", ["not a database", "cut short", "other rows", "newer than the log"])
def test_a_broken_index_is_set_aside_and_rebuilt(
    open_store: Callable[[], Store], home: Path, damage: str
) -> None:
    first = open_store()
    first.append(events(1000))
    before = first.checksum()
    if damage == "other rows":
        first._index.cursor().execute("DELETE FROM events WHERE event_id = 'e3'")
    if damage == "newer than the log":
        first._index.cursor().execute("UPDATE meta SET applied_seq = 99")
    first.close()
    index = home / "events" / "index.duckdb"
    if damage == "not a database":
        index.write_bytes(b"nonsense" * 1000)
    if damage == "cut short":
        os.truncate(index, 5000)
    second = open_store()
    assert second.checksum() == before
    assert len(second.status().set_aside) >= 1


def test_an_index_that_ends_the_process_when_opened_is_set_aside(
    open_store: Callable[[], Store], home: Path
) -> None:
    first = open_store()
    first.append(events(10))
    before = first.checksum()
    first.close()
    (home / "events" / "index.opening").write_bytes(b"..")
    second = open_store()
    assert second.checksum() == before
    assert len(second.status().set_aside) == 1


def test_folder_and_files_are_the_owners_alone(store: Store) -> None:
    store.start()
    assert store.folder.stat().st_mode & 0o777 == 0o700
    for name in ("log.sqlite", "index.duckdb", "index.lock"):
        assert (store.folder / name).stat().st_mode & 0o777 == 0o600
