"""Old groups become sealed files: together with the log the truth, whatever happens in between."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.capture.store import SealedDamaged, Store
from bihuan.capture.store.tests.conftest import START, events

DAY = timedelta(days=1)


def days(store: Store, count: int, *, each: int = 20) -> None:
    """Events of `count` days, one group a day, each day another person."""
    for day in range(count):
        at = START + day * DAY
        store.append(
            events(each, first=day * each, person=day, ts=at, received_at=at), chunk_key=f"d{day}-{each}"
        )
    store.wait_applied(store.log.head())


def sealed(store: Store) -> list[Path]:
    return sorted((store.folder / "sealed").rglob("*.parquet"))


def test_old_groups_leave_the_log_and_nothing_changes(store: Store) -> None:
    days(store, 10)
    before, head = store.checksum(), store.log.head()
    assert store.seal(before=START + 6 * DAY) == 6 * 20
    assert (store.log.rows(), store.log.head(), len(sealed(store))) == (4 * 20, head, 6)
    assert {path.parent.name for path in sealed(store)} == {f"day=2026-03-{day:02d}" for day in range(2, 8)}
    store.rebuild()
    assert store.checksum() == before
    status = store.status()
    assert (status.sealed_files, status.sealed_rows, status.sealed_damaged, status.behind) == (6, 120, [], 0)
    assert store.seal(before=START + 6 * DAY) == 0


def test_when_the_newest_event_came_is_known_from_the_log_and_from_the_files(store: Store) -> None:
    newest = store.sealed.newest_received
    assert newest(until=START) is None
    days(store, 10)
    assert newest(until=START + 99 * DAY) == START + 9 * DAY
    assert newest(until=START + 5.5 * DAY) == START + 5 * DAY
    assert newest(until=START - DAY) is None
    store.seal(before=START + 6 * DAY)
    assert newest(until=START + 99 * DAY) == START + 9 * DAY
    of_a_file = newest(until=START + 5.5 * DAY)
    assert of_a_file is not None and START + 4 * DAY < of_a_file <= START + 5 * DAY, "its day"


def test_a_log_that_is_sealed_to_its_end_goes_on_counting(open_store: Callable[[], Store]) -> None:
    store = open_store()
    days(store, 3)
    head, before = store.log.head(), store.checksum()
    store.seal(before=START + 9 * DAY)
    assert (store.log.rows(), store.log.head()) == (0, head)
    store.close()
    again = open_store()
    assert again.checksum() == before
    assert again.append(events(1, first=900)).seq == head + 1
    again.wait_applied(head + 1)
    assert again.count() == 61


def test_a_clock_that_was_wrong_once_does_not_stop_sealing(store: Store) -> None:
    store.append(events(5, received_at=START + 9_000 * DAY))
    store.append(events(5, first=5))
    store.merge_people(from_ids=[1], to_id=2)
    store.append(events(5, first=10))
    store.wait_applied(store.log.head())
    before = store.checksum()
    assert store.seal(before=START + DAY) == 10
    assert store.log.rows() == 5
    store.rebuild()
    assert store.checksum() == before


def test_an_id_that_was_sealed_is_known_at_the_door(store: Store) -> None:
    store.append(events(5))
    store.append(events(1, first=5, received_at=START + 10 * DAY))
    store.seal(before=START + 9 * DAY)
    assert store.append(events(6)).stored == 0


def test_groups_of_one_day_share_a_file_that_its_owner_alone_reads(store: Store) -> None:
    for part in range(5):
        store.append(events(20, first=part * 20))
    store.seal(before=START + DAY)
    (file,) = sealed(store)
    assert file.name == "000000000001-000000000005.parquet"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_corrections_keep_their_place_among_sealed_events(store: Store) -> None:
    days(store, 3)
    store.merge_people(from_ids=[0, 2], to_id=1)
    at = START + 2 * DAY
    store.append(events(10, first=500, person=2, ts=at, received_at=at))
    store.erase(person_id=1)
    store.append(events(10, first=600, person=1, ts=at, received_at=at))
    store.wait_applied(store.log.head())
    before = store.checksum()
    assert before[0] == 10, "what came after the erasure stays"
    store.seal(before=START + 5 * DAY)
    store.rebuild()
    assert store.checksum() == before


def test_a_rebuild_in_the_middle_of_a_file_goes_on_there(store: Store) -> None:
    for part in range(9):
        store.append(events(20, first=part * 20))
    store.seal(before=START + DAY)
    for after in range(10):
        pieces, found = store.read_truth(after=after), 0
        while pieces:
            found += sum(piece.events().num_rows for piece in pieces)
            pieces = store.read_truth(after=pieces[-1].seq)
        assert found == (9 - after) * 20


def test_an_erased_person_is_in_no_sealed_file(store: Store) -> None:
    days(store, 5)
    at = START + 2 * DAY
    store.append(
        events(7, first=700, person=77, distinct_id="wanda@example.org", ts=at, received_at=START + 4 * DAY)
    )
    store.merge_people(from_ids=[77], to_id=78)
    store.seal(before=START + 9 * DAY)
    untouched = {path: path.stat().st_mtime_ns for path in sealed(store)}
    assert store.erase(person_id=78) == 7, "also what came before the two were one"
    assert store.count() == 100
    again = sealed(store)
    assert len(set(untouched) - set(again)) == 1
    assert all(path.stat().st_mtime_ns == untouched[path] for path in again if path in untouched)
    store.rebuild()
    assert store.count() == 100
    store.close()
    assert not [path for path in store.folder.rglob("*") if path.is_file() and b"wanda" in path.read_bytes()
                and ".broken-" not in str(path)]  # fmt: skip


def test_an_index_that_was_set_aside_goes_with_who_is_erased(store: Store) -> None:
    days(store, 2)
    store.rebuild()
    assert store.status().set_aside
    store.erase(person_id=1)
    assert not store.status().set_aside


def test_what_need_not_be_kept_is_dropped_everywhere(store: Store) -> None:
    days(store, 10)
    store.append(events(5, first=900, source_id=2, ts=START, received_at=START))
    store.wait_applied(store.log.head())
    store.seal(before=START + 5 * DAY)
    assert store.forget(source_id=1, before=START + 7 * DAY) == 7 * 20
    assert store.execute("SELECT source_id, count(*) AS n FROM events GROUP BY source_id ORDER BY 1").to_pylist() == [
        {"source_id": 1, "n": 60}, {"source_id": 2, "n": 5},
    ]  # fmt: skip
    assert (store.log.rows(), len(sealed(store))) == (65, 0), "the other source came too late to be sealed"
    head = store.log.head()
    assert store.forget(source_id=1, before=START + 7 * DAY) == 0
    assert store.log.head() == head, "nothing to do leaves no trace"
    before = store.checksum()
    store.rebuild()
    assert store.checksum() == before


@pytest.mark.parametrize("seed", range(5))
def test_a_flipped_bit_is_found_and_named_and_the_rest_is_served(store: Store, seed: int) -> None:
    days(store, 5)
    store.seal(before=START + 9 * DAY)
    assert store.sealed.verify() == []
    dice = random.Random(seed)
    file = dice.choice(sealed(store))
    good = file.read_bytes()
    data = bytearray(good)
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    file.write_bytes(data)
    name = str(file.relative_to(store.folder / "sealed"))
    assert store.sealed.verify() == [name]
    assert store.status().sealed_damaged == [name]
    store.rebuild()
    assert (store.count(), store.status().damaged_groups) == (80, 1)
    with pytest.raises(SealedDamaged, match="day=2026-03"):
        store.forget(source_id=1, before=START + 9 * DAY)
    file.write_bytes(good)
    assert store.sealed.verify() == []
    assert store.status().sealed_damaged == []


def test_a_file_that_is_gone_is_named(store: Store) -> None:
    days(store, 3)
    store.seal(before=START + 9 * DAY)
    sealed(store)[1].unlink()
    assert len(store.sealed.verify()) == 1


KILL = """
import os, sys
from pathlib import Path
from bihuan.capture.store import Store, sealed
from bihuan.capture.store.tests.test_sealed import days, START, DAY
store = Store(Path(sys.argv[1]), memory="500MB")
days(store, 6)
print(*store.checksum(), flush=True)
place, left = sys.argv[2], [int(sys.argv[3])]
def dying(done):
    def step(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), 9)
        return done(*args, **kwargs)
    return step
if place == "before the line":
    sealed._name = dying(sealed._name)
else:
    sealed.os.replace = dying(sealed.os.replace)
store.seal(before=START + 5 * DAY)
store.erase(person_id=2)
"""


@pytest.mark.parametrize("place", ["before the line", "before the file"])
@pytest.mark.parametrize("number", [0, 3, 5])
def test_a_kill_while_sealing_loses_nothing(
    open_store: Callable[[], Store], home: Path, place: str, number: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILL, str(home), place, str(number)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    store = open_store()
    if done.returncode == -signal.SIGKILL and number < 5:
        assert store.checksum() == (int(done.stdout.split()[0]), done.stdout.split()[1])
    store.seal(before=START + 5 * DAY)
    store.erase(person_id=2)
    before = store.checksum()
    store.rebuild()
    assert store.checksum() == before
    assert before[0] == 100
    named = {one.file for one in store.sealed.files()}
    assert {str(path.relative_to(store.folder / "sealed")) for path in sealed(store)} == named
    assert not list(store.folder.rglob("*.new"))


def test_a_file_that_nobody_names_and_nobody_covers_is_left(store: Store) -> None:
    """A log from an older backup beside newer files: they may be all there is."""
    days(store, 3)
    store.seal(before=START + 9 * DAY)
    stray = store.folder / "sealed" / "day=2030-01-01" / "000000009000-000000009001.parquet"
    stray.parent.mkdir()
    stray.write_bytes(sealed(store)[0].read_bytes())
    store.seal(before=START + 9 * DAY)
    assert stray.exists()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 5)), st.tuples(st.just("seal"), st.integers(0, 8)),
        st.tuples(st.just("merge"), st.integers(0, 5)), st.tuples(st.just("erase"), st.integers(0, 5)),
        st.tuples(st.just("forget"), st.integers(0, 5)), st.tuples(st.just("rebuild"), st.just(0)),
    ),
    min_size=3, max_size=14,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps)
def test_whatever_happened_a_rebuild_agrees(tmp_path_factory: pytest.TempPathFactory, story: list) -> None:
    store = Store(tmp_path_factory.mktemp("story"), memory="500MB")
    clock = 0
    for number, (what, value) in enumerate(story):
        at = START + clock * DAY
        if what == "append":
            ts = at - value * DAY
            store.append(events(5, first=number * 10, person=value, ts=ts, received_at=at))
            clock += 1
        elif what == "seal":
            store.seal(before=START + value * DAY)
        elif what == "merge":
            store.merge_people(from_ids=[value], to_id=value + 1)
        elif what == "erase":
            store.erase(person_id=value)
        elif what == "forget":
            store.forget(source_id=1, before=START + (value - 3) * DAY)
        else:
            store.rebuild()
    store.wait_applied(store.log.head())
    before = store.checksum()
    store.rebuild()
    assert store.checksum() == before
    store.close()
    assert os.path.exists(store.folder / "log.sqlite")
