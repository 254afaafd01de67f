"""Events in bulk: to another engine, to Parquet by day, and back."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bihuan.capture.store import (
    EVENTS,
    Store,
    StoreError,
    StoreOwned,
    copy_index,
    export_events,
    import_events,
)
from bihuan.capture.store.tests.conftest import START, events


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody sees."""


def mixed(count: int, *, seed: int = 1) -> pa.Table:
    """Events of several days, people, customers and sources, with texts that are easily broken."""
    dice = random.Random(seed)
    rows = [
        {
            "event_id": f"m{seed}-{number}", "source_id": dice.choice([1, 2]), "name": dice.choice(["a", "b 客户", "c'"]),
            "ts": START + timedelta(minutes=dice.randrange(60 * 24 * 5), microseconds=dice.randrange(10**6)),
            "received_at": START + timedelta(days=6), "distinct_id": dice.choice(["u", "", "\\x", "\x1f"]),
            "person_id": dice.choice([None, 1, 2]), "account_id": dice.choice([None, 1, 2, -5]),
            "product_id": dice.choice([None, 3]), "props": dice.choice(["{}", '{"a": "\\u0000", "n": 1.50}']),
        }
        for number in range(count)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=EVENTS)


def test_a_copy_holds_what_the_first_holds_and_goes_on_where_it_stood(store: Store, tmp_path: Path) -> None:
    store.append(mixed(500))
    store.merge_people(from_ids=[1], to_id=2)
    target = f"duckdb:{tmp_path / 'copy.duckdb'}"
    steps: list[int] = []

    class Stopped(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        copy_index(store, to=target, progress=stop)
    store.append(mixed(100, seed=2))
    done = copy_index(store, to=target, progress=lambda what, at, of: steps.append(at))
    assert (done.events, done.checksum) == store.checksum()
    assert steps == [done.seq], "only what came after"
    assert copy_index(store, to=target, progress=silent) == done


def test_a_copy_beside_a_server_says_what_is_left_to_do(
    open_store: Callable[[], Store], tmp_path: Path
) -> None:
    server, other = open_store(), open_store()
    server.start()
    server.append(events(10))
    with pytest.raises(StoreOwned):
        copy_index(other, to=f"duckdb:{tmp_path / 'copy.duckdb'}", progress=silent)
    server.close()
    assert copy_index(other, to=f"duckdb:{tmp_path / 'copy.duckdb'}", progress=silent).events == 10


def test_a_copy_that_differs_is_told(store: Store, tmp_path: Path) -> None:
    store.append(events(10))
    store.count()
    store._index.cursor().execute("UPDATE events SET props = '{}' WHERE event_id = 'e3'")
    with pytest.raises(StoreError, match="differs.*bihuan store rebuild"):
        copy_index(store, to=f"duckdb:{tmp_path / 'copy.duckdb'}", progress=silent)
    store.rebuild()
    assert copy_index(store, to=f"duckdb:{tmp_path / 'copy.duckdb'}", progress=silent).events == 10


def test_a_store_is_not_copied_onto_itself(store: Store) -> None:
    with pytest.raises(StoreError, match="already"):
        copy_index(store, to="duckdb:", progress=silent)


@pytest.mark.engines
def test_duckdb_and_clickhouse_tell_the_same_checksum(store: Store, tmp_path: Path) -> None:
    store.append(mixed(2_000))
    store.merge_people(from_ids=[1], to_id=7)
    store.erase(person_id=2)
    there = copy_index(store, to=f"chdb:{tmp_path / 'engine'}", progress=silent)
    assert (there.events, there.checksum) == store.checksum()
    assert 0 < there.events < 2_000
    store.close()
    clickhouse = Store(store.folder.parent, url=f"chdb:{tmp_path / 'engine'}")
    back = copy_index(clickhouse, to=f"duckdb:{tmp_path / 'back.duckdb'}", progress=silent)
    assert (back.events, back.checksum) == (there.events, there.checksum)
    with pytest.raises(StoreError, match="one chdb folder"):
        copy_index(clickhouse, to=f"chdb:{tmp_path / 'second'}", progress=silent)
    exported = export_events(clickhouse, tmp_path / "out", progress=silent)
    assert exported.events == there.events
    clickhouse.close()


def test_an_export_is_one_file_a_day_that_others_read(store: Store, tmp_path: Path) -> None:
    store.append(mixed(1_000))
    done = export_events(store, tmp_path / "out", progress=silent)
    files = sorted((tmp_path / "out").rglob("*"))
    assert done.events == 1_000
    assert len([path for path in files if path.suffix == ".parquet"]) == done.days == 6
    assert not [path for path in files if path.suffix == ".new"]
    read = duckdb.sql(
        f"SELECT day, count(*) AS n FROM read_parquet('{tmp_path}/out/*/*.parquet', hive_partitioning = true) "
        "GROUP BY day ORDER BY day"
    ).fetchall()
    asked = store.execute("SELECT day, count(*) AS n FROM events GROUP BY day ORDER BY day").to_pylist()
    assert read == [(row["day"], row["n"]) for row in asked]
    table = pq.read_table(tmp_path / "out" / "day=2026-03-03" / "events.parquet", partitioning=None)
    assert table.schema.names == EVENTS.names
    assert set(table["ts"].cast(pa.int64()).to_pylist()) == {
        int(row["ts"].timestamp() * 10**6 + 0.5)
        for row in store.execute("SELECT ts FROM events WHERE day = DATE '2026-03-03'").to_pylist()
    }


def test_an_export_may_be_of_some_days(store: Store, tmp_path: Path) -> None:
    store.append(mixed(500))
    done = export_events(store, tmp_path, first=date(2026, 3, 3), last=date(2026, 3, 4), progress=silent)
    assert done.days == 2
    assert sorted(path.name for path in tmp_path.glob("day=*")) == ["day=2026-03-03", "day=2026-03-04"]


def test_a_long_day_is_written_by_the_hour(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.capture.store.transfer._DAY_AT_ONCE", 10)
    start = datetime(2026, 3, 2, 16, tzinfo=UTC)  # midnight in Shanghai
    store.append(events(24 * 60, ts=start).drop_columns(["ts"]).append_column(
        EVENTS.field("ts"), pa.array([start + timedelta(minutes=n) for n in range(24 * 60)], EVENTS.field("ts").type)
    ))  # fmt: skip
    export_events(store, tmp_path / "out", progress=silent)
    (file,) = (tmp_path / "out").rglob("*.parquet")
    assert (pq.ParquetFile(file).num_row_groups, pq.read_metadata(file).num_rows) == (24, 24 * 60)


def test_what_was_exported_comes_back_once(store: Store, tmp_path: Path) -> None:
    store.append(mixed(1_000))
    before = store.checksum()
    export_events(store, tmp_path / "out", progress=silent)
    again = import_events(store, tmp_path / "out", progress=silent)
    assert (again.read, again.stored, again.known) == (1_000, 0, 1_000)
    store.close()
    other = Store(tmp_path / "other", memory="500MB")
    first = import_events(other, tmp_path / "out", progress=silent)
    assert (first.stored, other.checksum()) == (1_000, before)
    assert import_events(other, tmp_path / "out", progress=silent).stored == 0
    other.close()


def test_events_older_than_what_is_remembered_are_known_by_the_index(
    open_store: Callable[[], Store], tmp_path: Path
) -> None:
    store = open_store()
    store.append(events(100), chunk_key="an import, whose ids are not remembered")
    store.wait_applied(store.log.head())
    export_events(store, tmp_path, progress=silent)
    assert import_events(store, tmp_path, progress=silent).stored == 0


def test_files_that_hold_no_events_are_refused_by_name(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no Parquet file"):
        import_events(store, tmp_path, progress=silent)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    with pytest.raises(StoreError, match=r"x\.parquet holds no events.*event_id"):
        import_events(store, tmp_path, progress=silent)
