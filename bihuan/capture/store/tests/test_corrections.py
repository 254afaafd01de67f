"""Corrections of history: an event goes to another person or account, nothing is lost, and a rebuild says the same."""

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.capture.store import EVENTS, Store
from bihuan.capture.store.schema import EVENTS_BEFORE_COMPANY
from bihuan.capture.store.tests.conftest import START, events


def us(minutes: int) -> int:
    return int((START + timedelta(minutes=minutes)).timestamp() * 1_000_000)


def accounts(store: Store, seq: int, *, person: int = 1) -> list[int | None]:
    assert store.wait_applied(seq)
    found = store.execute("SELECT account_id FROM events WHERE person_id = ? ORDER BY ts", [person])
    return found["account_id"].to_pylist()


def rebuilt_says_the_same(store: Store) -> None:
    before = store.checksum()
    store.rebuild()
    assert store.checksum() == before


def test_a_corrected_membership_moves_the_events_of_its_time(store: Store) -> None:
    store.append(events(6, account=None))
    seq = store.place_person(person_id=1, spells=[(None, None), (us(2), 7), (us(4), None), (us(5), 8)])
    assert accounts(store, seq) == [None, None, 7, 7, None, 8]
    seq = store.place_person(person_id=1, spells=[(None, None), (us(1), 9)])
    assert accounts(store, seq) == [None, 9, 9, 9, 9, 9]
    assert accounts(store, store.place_person(person_id=1, spells=[(None, None)])) == [None] * 6
    rebuilt_says_the_same(store)


def test_an_event_that_names_its_account_keeps_it_and_others_are_not_touched(store: Store) -> None:
    store.append(events(2, account=3, company="acme"))
    store.append(events(2, first=2, account=None))
    store.append(events(2, first=4, account=5, person=2))
    seq = store.place_person(person_id=1, spells=[(None, None), (us(0), 7)])
    assert accounts(store, seq) == [3, 3, 7, 7]
    assert accounts(store, seq, person=2) == [5, 5]
    rebuilt_says_the_same(store)


def test_events_that_came_under_an_unknown_key_go_to_the_account_it_means(store: Store) -> None:
    store.append(events(2, account=None, company="acme's \\ 客户", product_id=1))
    store.append(events(2, first=2, account=None, company="acme's \\ 客户", product_id=2))
    store.append(events(2, first=4, account=None, product_id=1))
    seq = store.give_company(product_id=1, company="acme's \\ 客户", account_id=4)
    assert accounts(store, seq) == [4, 4, None, None, None, None]
    rebuilt_says_the_same(store)


def test_a_merge_is_undone_by_the_ids_that_came_with_the_person(store: Store) -> None:
    store.append(events(3, person=2, distinct_id="b'2", product_id=1))
    store.append(events(3, first=3, person=1, distinct_id="a", product_id=1))
    store.merge_people(from_ids=[2], to_id=1)
    seq = store.append(events(1, first=6, person=1, distinct_id="b'2", product_id=1)).seq
    assert len(accounts(store, seq)) == 7
    seq = store.split_person(person_id=2, ids=[(1, "b'2")])
    assert (len(accounts(store, seq)), len(accounts(store, seq, person=2))) == (3, 4)
    seq = store.append(events(1, first=7, person=2, distinct_id="b'2", product_id=1)).seq
    assert len(accounts(store, seq, person=2)) == 5, "what comes for the person stays with the person"
    rebuilt_says_the_same(store)
    assert store.erase(person_id=1) == 3, "who was split off is not erased with the other"
    assert store.erase(person_id=2) == 5, "and is erased whole, under whomever the events were stored"
    assert [
        row
        for group in store.log.read(after=0, max_rows=99)
        if not group.is_op
        for row in group.events().to_pylist()
    ] == []


def test_a_log_of_the_first_format_is_read_and_what_had_an_account_keeps_it(
    open_store: Callable[[], Store],
) -> None:
    store = open_store()
    store.append(events(2, account=3))
    store.append(events(2, first=2, account=None))
    store.close()
    with closing(sqlite3.connect(store.folder / "log.sqlite")) as db, db:
        for seq, size, body in db.execute("SELECT seq, raw_bytes, body FROM groups").fetchall():
            raw = pa.Codec("zstd").decompress(body, decompressed_size=size)
            batch = pa.ipc.read_record_batch(raw, EVENTS)
            old = batch.select(EVENTS_BEFORE_COMPANY.names).serialize()
            packed = pa.Codec("zstd").compress(old, asbytes=True)
            db.execute("UPDATE groups SET format = 1, raw_bytes = ?, crc = ?, body = ? WHERE seq = ?",
                       (old.size, zlib.crc32(packed), packed, seq))  # fmt: skip
    again = open_store()
    assert again.count() == 4
    seq = again.place_person(person_id=1, spells=[(None, None), (us(0), 7)])
    assert accounts(again, seq) == [3, 3, 7, 7]
    rebuilt_says_the_same(again)


SPELLS = st.lists(st.tuples(st.integers(-5, 25), st.one_of(st.none(), st.integers(1, 3))), max_size=5)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spells=SPELLS)
def test_whatever_the_spells_each_event_lies_in_the_one_that_was_last_begun(store: Store, spells) -> None:
    if not store.count():
        store.append(events(20, account=None))
    turns = sorted(dict(spells).items())
    seq = store.place_person(
        person_id=1, spells=[(None, None), *((us(start), account) for start, account in turns)]
    )
    expected = [next((a for s, a in reversed(turns) if s <= minute), None) for minute in range(20)]
    assert accounts(store, seq) == expected


def test_a_correction_is_kept_in_the_log_as_plain_json(store: Store) -> None:
    store.place_person(person_id=1, spells=[(None, None), (us(0), 7)])
    assert json.dumps(store.log.ops()) == json.dumps(
        [{"op": "place_person", "person_id": 1, "spells": [[None, None], [us(0), 7]]}]
    )


@pytest.mark.parametrize("name", ["merge_people", "split_person", "place_person", "give_company"])
def test_a_correction_of_nobody_changes_nothing(store: Store, name: str) -> None:
    store.append(events(3))
    before = store.checksum()
    seq = {
        "merge_people": lambda: store.merge_people(from_ids=[98], to_id=99),
        "split_person": lambda: store.split_person(person_id=98, ids=[]),
        "place_person": lambda: store.place_person(person_id=98, spells=[(None, None)]),
        "give_company": lambda: store.give_company(product_id=9, company="x", account_id=1),
    }[name]()
    assert store.wait_applied(seq)
    assert store.checksum() == before
