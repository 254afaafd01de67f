"""Which ids were seen: the tables, the runs and the filter agree with a plain set."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.capture.store.bloom import Bloom
from bihuan.capture.store.seen import DAYS, TABLES, Seen, digest


def keys(*numbers: int) -> list[bytes]:
    return [digest(source_id=1, event_id=str(number)) for number in numbers]


@pytest.fixture
def db() -> sqlite3.Connection:
    return fresh_database()


def fresh_database() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(TABLES)
    return db


def store(seen: Seen, db: sqlite3.Connection, numbers: list[int], *, seq: int, day: int = 0) -> list[int]:
    """What a log does: leave out what is known, keep the rest; returns the positions left out."""
    asked = keys(*numbers)
    known = seen.known(db, asked)
    new = [key for index, key in enumerate(asked) if index not in known]
    if new:
        seen.keep(db, new, seq=seq, day=day)
    return known


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.lists(st.integers(0, 60), min_size=1, max_size=12)), max_size=25
    ),
    st.integers(1, 12),
    st.integers(2, 4),
)
def test_it_agrees_with_a_plain_set_whoever_writes(batches, fresh: int, merge: int) -> None:
    """Two processes write in turn, with runs frozen and merged at every size."""
    db = fresh_database()
    writers = [Seen(fresh=fresh, merge=merge), Seen(fresh=fresh, merge=merge)]
    plain: set[int] = set()
    for seq, (writer, numbers) in enumerate(batches, start=1):
        known = store(writers[writer], db, numbers, seq=seq)
        first: set[int] = set()
        expected = []
        for index, number in enumerate(numbers):
            if number in plain or number in first:
                expected.append(index)
            first.add(number)
        assert known == expected
        plain |= first


def test_what_was_rolled_back_is_new_again(db: sqlite3.Connection) -> None:
    seen = Seen(fresh=2)
    for attempt in range(2):
        db.execute("BEGIN IMMEDIATE")
        assert store(seen, db, [1, 2, 3], seq=1) == []
        db.execute("ROLLBACK" if attempt == 0 else "COMMIT")
    assert store(seen, db, [3, 4], seq=2) == [0]


def test_a_new_process_knows_what_old_ones_stored(db: sqlite3.Connection) -> None:
    for seq in range(40):
        store(Seen(fresh=50, merge=3), db, list(range(seq * 20, seq * 20 + 20)), seq=seq)
    assert store(Seen(), db, list(range(900)), seq=99) == list(range(800))
    assert store(Seen(), db, [5, 850, 1000], seq=100) == [0, 1]


def test_runs_are_forgotten_after_thirty_days_one_at_a_time(db: sqlite3.Connection) -> None:
    seen = Seen(fresh=2)
    store(seen, db, [1, 2], seq=1, day=0)
    store(seen, db, [3, 4], seq=2, day=1)
    store(seen, db, [5, 6], seq=3, day=DAYS)
    assert store(seen, db, [1, 3], seq=4, day=DAYS) == [0, 1]
    store(seen, db, [7, 8], seq=5, day=DAYS + 40)
    assert store(seen, db, [1, 3, 5], seq=6, day=DAYS + 40) == [1, 2]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.text(st.characters(codec="utf-8"))), unique=True, max_size=30)
)
def test_different_ids_have_different_digests(ids: list[tuple[int, str]]) -> None:
    assert len({digest(source_id=source, event_id=event) for source, event in ids}) == len(ids)


def test_the_filter_forgets_nothing_and_is_rarely_wrong() -> None:
    bloom = Bloom(20_000)
    bloom.add(b"".join(keys(*range(20_000))))
    assert bloom.maybe(keys(*range(20_000))) == list(range(20_000))
    assert len(bloom.maybe(keys(*range(100_000, 120_000)))) < 60
    assert not bloom.has_room(10_000_000)


def test_the_filter_ends_to_grow_and_forgets_nothing():
    small = Bloom(10**9, most=16)
    ids = [digest(source_id=1, event_id=f"e{n}") for n in range(20_000)]
    assert small.has_room(10**12)
    small.add(b"".join(ids))
    assert small.maybe(ids) == list(range(len(ids)))
