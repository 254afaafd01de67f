"""Tracks hold what the index holds, at every moment: after appends, corrections, erasure and compaction."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.capture.store import Store
from bihuan.capture.store.tests.conftest import events
from bihuan.capture.store.tracks import ORDERS, Order, Tracks

Rows = Counter[tuple[Any, ...]]


def told(tracks: Tracks) -> Rows:
    """Every event of the tracks: unit, moment, name, whether it is ours, account."""
    names = {code: name for name, code in tracks.codes.items()}
    found: Rows = Counter()
    for part in tracks.parts:
        for n, unit in enumerate(part.units.tolist()):
            here = slice(part.offsets[n], part.offsets[n + 1])
            assert (part.ts[here][1:] >= part.ts[here][:-1]).all(), "ascending in time"
            if part.skip[n]:
                continue
            accounts = part.account[here].tolist() or [unit] * (here.stop - here.start)
            for ts, code, account in zip(
                part.ts[here].tolist(), part.code[here].tolist(), accounts, strict=True
            ):
                found[unit, ts, names[code // 2], code % 2 == 1, account] += 1
    return found


def indexed(store: Store, order: Order) -> Rows:
    found = store.execute(
        f"SELECT {order}_id AS unit, epoch_us(ts) AS ts, name, source_id = 0 AS ours, coalesce(account_id, -1) AS account "
        f"FROM events WHERE {order}_id IS NOT NULL"
    )
    return Counter(tuple(row.values()) for row in found.to_pylist())


def values_in(tracks: Tracks) -> Rows:
    """Every event with its value of the property that was asked for; those without a unit by their day."""
    texts = (*(tracks.texts or ()), None)
    found: Rows = Counter()
    for part in tracks.parts:
        for n, unit in enumerate(part.units.tolist()):
            here = slice(part.offsets[n], part.offsets[n + 1])
            if not part.skip[n]:
                for ts, value in zip(part.ts[here].tolist(), part.value[here].tolist(), strict=True):
                    found[unit, ts, texts[value]] += 1
    for one in tracks.loose or ():
        for day, count, value in zip(one.day.tolist(), one.count.tolist(), one.value.tolist(), strict=True):
            found[None, day, texts[value]] += count
    return found


def values_indexed(store: Store, order: Order, *, loose: bool) -> Rows:
    rows = store.execute(
        f"SELECT {order}_id AS unit, epoch_us(ts) AS ts, (day - DATE '1970-01-01')::INTEGER AS day, props ->> 'n' AS n FROM events"
    ).to_pylist()
    return Counter(
        (row["unit"], row["ts"] if row["unit"] is not None else row["day"], row["n"])
        for row in rows if loose or row["unit"] is not None
    )  # fmt: skip


def loose_in(tracks: Tracks) -> Rows | None:
    names = {code: name for name, code in tracks.codes.items()}
    if tracks.loose is None:
        return None
    found: Rows = Counter()
    for one in tracks.loose:
        for code, day, count in zip(one.code.tolist(), one.day.tolist(), one.count.tolist(), strict=True):
            found[names[code // 2], code % 2 == 1, day] += count
    return found


def loose_indexed(store: Store, order: Order) -> Rows:
    rows = store.execute(
        "SELECT name, source_id = 0 AS ours, (day - DATE '1970-01-01')::INTEGER AS day, count(*) AS n FROM events "
        f"WHERE {order}_id IS NULL GROUP BY ALL"
    ).to_pylist()
    return Counter({(row["name"], row["ours"], row["day"]): row["n"] for row in rows})


def laid(store: Store, order: Order) -> Tracks:
    tracks = store.tracks(order)
    if tracks is None:
        store._index.lay_tracks()
        tracks = store.tracks(order)
    assert tracks is not None
    return tracks


def equal_in_both_orders(store: Store) -> None:
    for order in ORDERS:
        tracks = laid(store, order)
        assert told(tracks) == indexed(store, order)
        assert loose_in(tracks) in (None, loose_indexed(store, order))


def test_they_follow_what_arrives_without_being_laid_anew(store: Store) -> None:
    store.append(events(20, person=1, account=1))
    store.append(events(5, first=20, person=2, account=None))
    equal_in_both_orders(store)
    base = store._index._tracks._base
    store.append(events(3, first=25, person=2, account=1))
    store.append(events(3, first=28, person=3, account=2, source_id=0))
    store.append(events(3, first=31, person=None, account=None))
    store.wait_applied(store.log.head())
    equal_in_both_orders(store)
    assert loose_in(laid(store, "person")) == {
        ("name_0", False, 20514): 1,
        ("name_1", False, 20514): 1,
        ("name_2", False, 20514): 1,
    }
    assert store._index._tracks._base is base


def test_they_are_there_after_the_nights_compaction_and_after_a_restart(
    store: Store, open_store: Callable[[], Store]
) -> None:
    store.append(events(20))
    store.compact()
    assert store.tracks("person") is not None
    store.close()
    again = open_store()
    again.wait_applied(again.log.head())
    assert told(again.tracks("person")) == indexed(again, "person")


@pytest.mark.parametrize("take_out", ["erase", "forget"])
def test_who_is_erased_is_in_no_file_of_them(store: Store, home: Path, take_out: str) -> None:
    store.append(events(20, person=4711))
    store.append(events(20, first=20, person=2))
    equal_in_both_orders(store)
    if take_out == "erase":
        store.erase(person_id=4711)
    else:
        store.forget(source_id=1, before=events(21)["ts"][20].as_py())
    wanted = (4711).to_bytes(8, "little")
    assert not any(wanted in file.read_bytes() for file in (home / "events" / "tracks").rglob("*.npy"))
    equal_in_both_orders(store)
    assert 4711 not in laid(store, "person").parts[0].units.tolist()


def test_a_property_is_laid_beside_them_once_somebody_asked_for_it(store: Store, monkeypatch) -> None:
    store.append(events(20))
    laid(store, "person")
    assert store.tracks("person", "n").texts is None, "so few are read out of their JSON"
    assert not (store._index._tracks._folder / "wanted.json").exists()
    monkeypatch.setattr("bihuan.capture.store.tracks_duckdb.WORTH_LAYING", 0)
    assert store.tracks("person", "n").texts is None, "the first question is answered without"
    store._index.lay_tracks()
    assert values_in(store.tracks("account", "n")) == values_indexed(store, "account", loose=True)
    for name in ("a", "b", "c", "d", "$no", "no.path"):
        store.tracks("person", name)
    assert store._index._tracks._wanted() == ["d", "c", "b", "a"], (
        "the last few; what is a path is never laid"
    )


def test_a_property_that_is_never_laid_makes_no_new_base(store: Store, monkeypatch) -> None:
    monkeypatch.setattr("bihuan.capture.store.tracks_duckdb.WORTH_LAYING", 0)
    store.append(events(20))
    laid(store, "person")
    tracks = store._index._tracks
    if tracks._making is not None:
        tracks._making.join()
    making = tracks._making
    assert store.tracks("person", "$no").texts is None
    assert tracks._making is making


def test_what_most_events_carry_with_few_values_is_laid_before_anybody_asks(
    store: Store, monkeypatch
) -> None:
    monkeypatch.setattr("bihuan.capture.store.tracks_duckdb.WORTH_LAYING", 0)
    rows = events(200).to_pylist()
    for n, row in enumerate(rows):
        few = {
            "plan": "pro" if n % 3 else "free",
            "order": f"o{n}",
            "same": "always",
            "amount": n,
            "no.path": str(n % 2),
        }
        row["props"] = json.dumps(
            few
            | ({"device": "pc" if n % 2 else "phone"} if n % 5 else {})
            | ({"rare": str(n % 4)} if n < 9 else {})
        )
    store.append(pa.Table.from_pylist(rows, schema=events(1).schema))
    laid(store, "person")
    assert set(store._index._tracks._base.props) == {"plan", "device"}, (
        "the two that most carry; neither ids nor constants"
    )
    assert store.tracks("person", "plan").texts is not None, "the first question finds it"
    store.tracks("person", "rare")
    store._index.lay_tracks()
    assert set(store._index._tracks._base.props) == {"rare", "plan"}, "what was asked for comes first"


def test_a_property_of_too_many_values_is_not_laid(store: Store, monkeypatch) -> None:
    monkeypatch.setattr("bihuan.capture.store.tracks_duckdb.WORTH_LAYING", 0)
    monkeypatch.setattr("bihuan.capture.store.tracks_duckdb.MOST_TEXTS", 5)
    store.append(events(20))
    laid(store, "person")
    store.tracks("person", "n")
    store._index.lay_tracks()
    base = store._index._tracks._base
    assert base.props == {"n": None}
    assert store.tracks("person", "n").texts is None
    assert store._index._tracks._base is base, "and not tried at every question"


def test_asking_by_one_property_after_the_other_does_not_make_them_anew_all_the_time(
    store: Store, monkeypatch
) -> None:
    monkeypatch.setattr("bihuan.capture.store.tracks_duckdb.WORTH_LAYING", 0)
    monkeypatch.setattr("bihuan.capture.store.tracks_duckdb.REST", 1_000_000)
    store.append(events(20))
    laid(store, "person")
    tracks = store._index._tracks
    tracks.make()
    for name in ("a", "b", "$no", "no.path", "' OR 1=1 --"):
        store.tracks("person", name)
    assert tracks._making is None or not tracks._making.is_alive()
    assert tracks._base.props == {}
    monkeypatch.setattr(tracks, "_rests_until", 0.0)
    store.tracks("person", "c")
    tracks._making.join()
    assert set(tracks._base.props) == {"a", "b", "c"}


steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 4), st.sampled_from([None, 1, 2]), st.integers(0, 1)),
        st.tuples(st.just("merge"), st.integers(1, 4), st.integers(1, 4)),
        st.tuples(st.just("place"), st.integers(1, 4), st.sampled_from([None, 1, 2, 3])),
        st.tuples(st.just("give"), st.integers(1, 3)),
        st.tuples(st.just("split"), st.integers(1, 4)),
        st.tuples(st.just("erase"), st.integers(1, 4)),
        st.tuples(st.just("compact")),
        st.tuples(st.just("lay")),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_after_any_history_they_hold_what_the_index_holds(
    tmp_path_factory, history: list[tuple[Any, ...]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bihuan.capture.store.tracks_duckdb.WORTH_LAYING", 0)
        patch.setattr("bihuan.capture.store.tracks_duckdb.DuckTracks._wanted", lambda _self: ["n"])
        follow(tmp_path_factory, history)


def follow(tmp_path_factory, history: list[tuple[Any, ...]]) -> None:
    """Every step of the history, and after each the tracks beside the index."""
    store = Store(tmp_path_factory.mktemp("store"), memory="500MB")
    first = 0
    try:
        for step, *values in history:
            if step == "append":
                person, account, source = values
                company = None if account else "acme"
                store.append(
                    events(
                        3,
                        first=first,
                        person=person,
                        account=account,
                        source_id=source,
                        company=company,
                        product_id=1,
                    )
                )
                first += 3
            elif step == "merge" and values[0] != values[1]:
                store.merge_people(from_ids=[values[0]], to_id=values[1])
            elif step == "place":
                store.place_person(person_id=values[0], spells=[(None, None), (0, values[1])])
            elif step == "give":
                store.give_company(product_id=1, company="acme", account_id=values[0])
            elif step == "split":
                store.split_person(person_id=values[0], ids=[(1, f"u{values[0]}")])
            elif step == "erase":
                store.erase(person_id=values[0])
            elif step == "compact":
                store.compact()
            elif step == "lay":
                store.wait_applied(store.log.head())
                store._leading().lay_tracks()
            assert store.wait_applied(store.log.head())
            for order in ORDERS:
                tracks = store.tracks(order)
                if tracks is not None:
                    assert told(tracks) == indexed(store, order)
                    assert loose_in(tracks) in (None, loose_indexed(store, order))
                valued = store.tracks(order, "n")
                if valued is not None and valued.texts is not None:
                    loose = valued.loose is not None
                    assert values_in(valued) == values_indexed(store, order, loose=loose)
        equal_in_both_orders(store)
    finally:
        store.close()
