"""Appending: durable, once."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from bihuan.capture.store import Store, StoreError
from bihuan.capture.store.tests.conftest import START, events


def test_it_works(store: Store) -> None:
    appended = store.append(events(5))
    assert (appended.seq, appended.stored, list(appended.duplicates)) == (1, 5, [])
    assert store.wait_applied(appended.seq)
    assert store.count() == 5


def test_an_event_seen_before_is_not_stored_twice_and_is_named(store: Store) -> None:
    store.append(events(3))
    again = store.append(events(5))
    assert (again.stored, list(again.duplicates)) == (2, [0, 1, 2])
    assert store.count() == 5


def test_an_event_twice_in_one_batch_is_stored_once(store: Store) -> None:
    appended = store.append(events(3, event_id="same"))
    assert (appended.stored, list(appended.duplicates)) == (1, [1, 2])


def test_the_same_id_from_another_source_is_another_event(store: Store) -> None:
    store.append(events(1))
    assert store.append(events(1, source_id=2)).stored == 1


def test_a_batch_of_duplicates_only_adds_no_group(store: Store) -> None:
    first = store.append(events(3))
    again = store.append(events(3))
    assert (again.seq, again.stored) == (first.seq, 0)


def test_ids_are_remembered_for_thirty_days_and_more(store: Store) -> None:
    store.append(events(1))
    store.append(events(1, first=1, received_at=START + timedelta(days=29)))
    assert store.append(events(1, received_at=START + timedelta(days=30))).stored == 0


def test_a_clock_that_jumps_back_forgets_nothing(store: Store) -> None:
    store.append(events(1))
    store.append(events(1, first=1, received_at=START + timedelta(days=40)))
    assert store.append(events(2, received_at=START - timedelta(days=40))).stored == 0


def test_a_chunk_is_stored_once_by_its_key(store: Store) -> None:
    first = store.append(events(5), chunk_key="file-1/0")
    again = store.append(events(5), chunk_key="file-1/0")
    assert (again.seq, again.stored, len(again.duplicates)) == (first.seq, 0, 5)
    assert store.append(events(5, first=5), chunk_key="file-1/1").stored == 5
    assert store.count() == 10


def test_a_large_chunk_is_split_into_groups_and_kept_whole(store: Store) -> None:
    store.append(events(70_000), chunk_key="large")
    assert store.log.head() == 2
    assert store.log.rows() == store.count() == 70_000


def test_rows_that_are_not_events_are_refused_in_words(store: Store) -> None:
    with pytest.raises(StoreError, match="not events"):
        store.append(events(1).drop_columns(["props"]))
    with pytest.raises(StoreError, match=r"not events.*name"):
        store.append(events(2).set_column(2, "name", [["x", None]]))


def test_the_log_survives_without_the_index(open_store: Callable[[], Store]) -> None:
    first = open_store()
    first.append(events(4))
    first.close()
    assert open_store().count() == 4


def test_many_writers_store_every_event_once(open_store: Callable[[], Store]) -> None:
    stores = [open_store(), open_store()]
    stored: list[int] = []

    def write(store: Store) -> None:
        for part in range(10):
            stored.append(store.append(events(20, first=part * 20)).stored)

    threads = [threading.Thread(target=write, args=(stores[index % 2],)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) == 200
    assert stores[0].count() == 200
