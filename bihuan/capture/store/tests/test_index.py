"""The index: follows the log, is owned by one, and is made anew when it is broken."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bihuan.capture.store import Store, StoreError, StoreOwned
from bihuan.capture.store.tests.conftest import START, events

BY_DAY = "SELECT day, count(*) AS n FROM events WHERE account_id = ? GROUP BY day ORDER BY day"


def test_days_are_those_of_the_organisations_zone(store: Store) -> None:
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # 00:30 in Shanghai
    store.append(events(1, ts=late))
    assert store.execute("SELECT day FROM events")["day"].to_pylist() == [date(2026, 3, 3)]


def test_expressions_and_sql_answer_alike(store: Store) -> None:
    store.append(events(9, account=1))
    store.append(events(9, first=9, account=2))
    t = store.table()
    asked = store.execute(
        t.group_by("account_id").agg(n=t.count(), names=t.name.nunique()).order_by("account_id")
    )
    assert asked.to_pylist() == [{"account_id": 1, "n": 9, "names": 3}, {"account_id": 2, "n": 9, "names": 3}]
    assert store.execute(BY_DAY, [2]).to_pylist() == [{"day": date(2026, 3, 2), "n": 9}]
    assert store.execute(t.filter(t.ts > START).count().name("n").as_table())["n"].to_pylist() == [17]
    assert store.execute(t.props["n"].int.sum().name("s").as_table())["s"].to_pylist() == [153]


def test_the_sql_of_a_question_is_compiled_once(store: Store) -> None:
    built: list[int] = []

    def build():
        built.append(1)
        return store.table().count()

    assert store.sql("count", build) == store.sql("count", build)
    assert len(built) == 1


def test_an_append_shows_within_a_second(store: Store) -> None:
    store.start()
    assert store.wait_applied(store.append(events(2)).seq, timeout=1)


def test_what_another_process_appends_shows_within_a_second(open_store: Callable[[], Store]) -> None:
    owner, other = open_store(), open_store()
    owner.start()
    appended = other.append(events(2))
    assert not other.owner
    assert other.wait_applied(appended.seq, timeout=2)
    assert owner.count() == 2


def test_a_second_owner_gets_a_clear_error(open_store: Callable[[], Store]) -> None:
    owner, other = open_store(), open_store()
    owner.start()
    with pytest.raises(StoreOwned, match=f"in use by process {os.getpid()}.*over its API"):
        other.execute("SELECT 1")
    owner.close()
    assert other.count() == 0


def test_compaction_changes_the_order_and_nothing_else(store: Store) -> None:
    for part in range(6):
        store.append(events(50, first=part * 50, account=part % 3, person=part))
    before = store.checksum()
    store.compact()
    assert store.checksum() == before
    assert store.status().unsorted_rows == 0
    rows = store.execute("SELECT account_id, ts FROM events").to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["account_id"], row["ts"]))
    store.wait_applied(store.append(events(1, first=300)).seq)
    assert (store.count(), store.status().unsorted_rows) == (301, 1)


def test_a_rebuilt_index_equals_the_old_one(store: Store) -> None:
    store.append(events(100))
    store.merge_people(from_ids=[1], to_id=9)
    store.append(events(100, first=100))
    before = store.checksum()
    store.rebuild()
    assert store.checksum() == before
    assert before[0] == 200


def test_merged_people_share_past_and_future_events(store: Store) -> None:
    store.append(events(2, person=5))
    store.merge_people(from_ids=[5], to_id=6)
    store.merge_people(from_ids=[6], to_id=7)
    store.wait_applied(store.append(events(2, first=2, person=5)).seq)
    assert store.execute("SELECT DISTINCT person_id AS p FROM events")["p"].to_pylist() == [7]


def test_an_erased_person_is_in_neither_log_nor_index_nor_files(store: Store, home: Path) -> None:
    store.append(events(30, person=5, distinct_id="wanda@example.org"))
    store.append(events(30, first=30, person=6))
    store.wait_applied(store.log.head())
    assert store.erase(person_id=5) == 30
    store.compact()
    assert (store.count(), store.log.rows()) == (30, 30)
    store.rebuild()
    assert store.count() == 30
    store.close()
    assert not any(b"wanda" in path.read_bytes() for path in home.rglob("log.sqlite*"))


@pytest.mark.parametrize("damage", ["not a database", "cut short", "other rows", "newer than the log"])
def test_a_broken_index_is_set_aside_and_rebuilt(
    open_store: Callable[[], Store], home: Path, damage: str
) -> None:
    first = open_store()
    first.append(events(1000))
    before = first.checksum()
    if damage == "other rows":
        first.cursor().execute("DELETE FROM events WHERE event_id = 'e3'")
    if damage == "newer than the log":
        first.cursor().execute("UPDATE meta SET applied_seq = 99")
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


def test_a_damaged_group_is_counted_and_does_not_stop_the_rest(store: Store) -> None:
    store.append(events(5))
    store.log._writer.execute("UPDATE groups SET body = zeroblob(length(body))")
    store.append(events(5, first=5))
    assert (store.count(), store.status().damaged_groups) == (5, 1)


def test_readers_and_a_writer_do_not_disturb_each_other(store: Store) -> None:
    store.start()
    stop, failures, torn = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            try:
                row = store.execute(
                    "SELECT count(*) AS n, count(DISTINCT event_id) AS d FROM events"
                ).to_pylist()[0]
                if row["n"] % 50 or row["n"] != row["d"]:
                    torn.append(row)
            except StoreError as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for part in range(30):
        store.append(events(50, first=part * 50))
        if part == 15:
            store.compact()
    store.wait_applied(store.log.head())
    stop.set()
    for reader in readers:
        reader.join()
    assert (failures, torn, store.count()) == ([], [], 1500)


KILL = """
import os, sys
from pathlib import Path
from bihuan.capture.store import Store
from bihuan.capture.store.tests.conftest import events
store = Store(Path(sys.argv[1]), memory="500MB")
store.start()
for part in range(1000):
    print(store.append(events(20, first=part * 20)).seq, flush=True)
    if part == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_killed_process_loses_nothing_and_doubles_nothing(
    open_store: Callable[[], Store], home: Path, after: int
) -> None:
    done = subprocess.run([sys.executable, "-c", KILL, str(home), str(after)], capture_output=True, text=True)
    answered = len(done.stdout.split())
    assert answered == after + 1, done.stderr
    store = open_store()
    assert store.count() == answered * 20
    assert store.append(events(answered * 20)).stored == 0


def test_folder_and_files_are_the_owners_alone(store: Store) -> None:
    store.start()
    assert store.folder.stat().st_mode & 0o777 == 0o700
    for name in ("log.sqlite", "index.duckdb", "index.lock"):
        assert (store.folder / name).stat().st_mode & 0o777 == 0o600
