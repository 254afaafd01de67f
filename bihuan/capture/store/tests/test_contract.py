"""What every index promises, whatever the engine: run with DuckDB, and with ClickHouse by `make test-engines`."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from bihuan.capture.store import CannotCompute, Store, StoreError, StoreOwned
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
store = Store(Path(sys.argv[1]), memory="500MB", url=sys.argv[3])
store.start()
for part in range(1000):
    print(store.append(events(20, first=part * 20)).seq, flush=True)
    if part == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_killed_process_loses_nothing_and_doubles_nothing(
    open_store: Callable[[], Store], home: Path, url: str, after: int
) -> None:
    done = _run(KILL, home, after, url)
    answered = len(done.stdout.split())
    assert answered == after + 1, done.stderr
    store = open_store()
    assert store.count() == answered * 20
    assert store.append(events(answered * 20)).stored == 0


KILL_BETWEEN = """
import os, sys
from pathlib import Path
from bihuan.capture.store import Store
from bihuan.capture.store.corrections import events_of
from bihuan.capture.store.tests.conftest import events
store = Store(Path(sys.argv[1]), memory="500MB", url=sys.argv[3])
for part in range(3):
    store.append(events(20, first=part * 20, person=part, name=f"first_{part}"))
print(*store.checksum())
kind, step = type(store._index), sys.argv[2]
done = getattr(kind, step)
def then_die(self, *args, **kwargs):
    result = done(self, *args, **kwargs)
    if step == "_apply_op" or result:
        os.kill(os.getpid(), 9)
    return result
setattr(kind, step, then_die)
for part in range(3, 6):
    store.append(events(20, first=part * 20, person=part, name=f"second_{part}"))
store.merge_people(from_ids=[0, 4], to_id=5)
store.log.rewrite(events_of(1, []).kept)
store.log.append_op({"op": "erase_person", "person_id": 1})
store.wait_applied(store.log.head(), timeout=30)
print("never reached")
"""


@pytest.mark.parametrize("step", ["_insert", "_apply_op"])
def test_what_was_half_applied_is_applied_once(
    open_store: Callable[[], Store], home: Path, url: str, step: str
) -> None:
    """The process dies between the rows, or the correction, and the note of the applied place."""
    died = _run(KILL_BETWEEN, home, step, url)
    assert (died.returncode, "never reached" in died.stdout) == (-signal.SIGKILL, False), died.stderr
    store = open_store()
    # The log may have come to lack the last corrections: they are made now, the same way in both cases.
    store.merge_people(from_ids=[0, 4], to_id=5)
    store.erase(person_id=1)
    ids = store.execute("SELECT event_id, person_id FROM events ORDER BY event_id").to_pylist()
    assert len({row["event_id"] for row in ids}) == len(ids) == store.log.rows()
    assert {row["person_id"] for row in ids} <= {2, 3, 5}
    before = store.checksum()
    store.rebuild()
    assert store.checksum() == before


def _run(script: str, home: Path, word: object, url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, str(home), str(word), url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_table_brought_along_stands_beside_the_events(store: Store) -> None:
    store.append(events(4, account=1))
    store.append(events(6, first=4, account=2))
    reach = pa.table({"account_id": pa.array([2], pa.int64()), "tier": pa.array(["S"])})
    t, r = store.table(), ibis.table({"account_id": "int64", "tier": "string"}, name="reach")
    asked = t.semi_join(r.filter(r.tier == "S"), "account_id").count().name("n").as_table()
    sql = store.sql("reach", lambda: asked)
    assert store.execute(sql, tables={"reach": reach})["n"].to_pylist() == [6]
    assert store.execute(sql, tables={"reach": reach.slice(0, 0)})["n"].to_pylist() == [0]


def test_rows_that_do_not_bear_a_question_are_said_so(store: Store) -> None:
    store.append(events(1))
    with pytest.raises(CannotCompute, match="\\("):
        store.execute(store.table().filter(store.table().name.re_search("(")))
    with pytest.raises(CannotCompute):
        store.execute("SELECT sum(name) AS n FROM events")
    assert store.count() == 1


def test_parameters_of_every_kind_reach_the_question(store: Store) -> None:
    store.append(events(10, distinct_id='it\'s \\ a "name" 客户'))
    asked = (
        "SELECT count(*) AS n FROM events WHERE distinct_id = $who AND ts >= $since AND day = $day "
        "AND account_id IN (SELECT unnest($accounts)) AND name IN (SELECT unnest($names))"
    )
    params = {"who": "it's \\ a \"name\" 客户", "since": START + timedelta(minutes=3), "day": date(2026, 3, 2),
              "accounts": [1, 2], "names": ["name_0", "name_1"]}  # fmt: skip
    assert store.execute(asked, params)["n"].to_pylist() == [5]
    assert store.execute(asked, params | {"accounts": []})["n"].to_pylist() == [0]
    span = "SELECT count(*) AS n FROM events WHERE day BETWEEN ? AND ?"
    assert store.execute(span, [date.min, date.max])["n"].to_pylist() == [10]
    assert store.execute("SELECT '?' AS mark, ? AS n WHERE ? < ?", [7, 1.5, 2.5]).to_pylist() == [
        {"mark": "?", "n": 7}
    ]


def test_nothing_is_null_and_counts_as_nought(store: Store) -> None:
    store.start()
    row = store.execute(
        "SELECT count(*) AS n, max(ts) AS last, sum(account_id) AS s, count(DISTINCT person_id) AS p, "
        "median(account_id) AS m FROM events WHERE day > DATE '2026-01-01'"
    ).to_pylist()
    assert row == [{"n": 0, "last": None, "s": None, "p": 0, "m": None}]
    assert store.execute("SELECT account_id, day FROM events").to_pylist() == []
    assert store.execute("SELECT account_id, day FROM events")["day"].to_pylist() == []


def test_an_event_stored_again_after_its_id_was_forgotten_goes_at_compaction(store: Store) -> None:
    """Ids are remembered for thirty days; a chunk is not looked at by id at all, so it stands for an older event."""
    store.append(events(50))
    store.compact()
    store.append(events(10, first=45, received_at=START + timedelta(days=90)), chunk_key="late")
    store.wait_applied(store.log.head())
    assert store.count() == 60
    assert store.compact() == 5
    assert store.count() == 55
    kept = store.execute("SELECT max(received_at) AS last FROM events WHERE event_id = 'e47'")["last"][
        0
    ].as_py()
    assert kept < START + timedelta(days=1), "the first to arrive stays"
    before = store.checksum()
    store.rebuild()
    assert store.checksum() == before
    assert store.compact() == 0


def test_a_column_of_the_answer_may_be_called_as_one_of_the_events(store: Store) -> None:
    store.append(events(6))
    asked = (
        "SELECT account_id, arg_max(props, ts) AS props, max(ts) AS ts, count(*) AS day FROM events "
        "WHERE props LIKE '%n%' AND ts >= ? AND day = DATE '2026-03-02' GROUP BY account_id"
    )
    row = store.execute(asked, [START]).to_pylist()[0]
    assert (row["props"], row["ts"], row["day"]) == ('{"n": 5}', START + timedelta(minutes=5), 6)


def test_two_sources_may_use_the_same_id(store: Store) -> None:
    store.append(events(5))
    store.append(events(5, source_id=2))
    assert (store.compact(), store.count()) == (0, 10)


def test_an_index_of_another_zone_is_made_anew(home: Path, url: str) -> None:
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    for zone, day in (("Asia/Shanghai", 3), ("UTC", 2), ("America/New_York", 2)):
        store = Store(home, memory="500MB", url=url, zone=zone)
        store.append(events(1, ts=late))
        assert store.execute("SELECT day FROM events")["day"].to_pylist() == [date(2026, 3, day)]
        store.close()


def test_status_says_where_it_lies_and_how_far_it_is(store: Store, home: Path, url: str) -> None:
    seq = store.append(events(3)).seq
    assert store.status().state == "closed"
    assert store.count() == 3
    status = store.status()
    assert (status.state, status.behind, status.rows, status.head_seq) == ("live", 0, 3, seq)
    assert status.url.startswith(url or "duckdb:")
    assert str(home) in status.url


def test_an_address_that_is_none_is_refused_in_words(home: Path) -> None:
    for wrong in (
        "mysql://x",
        "clickhouse://",
        "clickhouse://h/d?speed=1",
        "clickhouse://h/a-b",
        "clickhouse://h:x/d",
    ):
        with pytest.raises(StoreError, match="EVENTS_URL"):
            Store(home, url=wrong)
