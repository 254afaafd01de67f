"""Events from files: stored once for ever, with the account of their time, known when they happened."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.base.jobs.worker import drain
from bihuan.capture.identity.actions import attribute_waiting
from bihuan.capture.imports.tests.desk import Desk, accounts
from bihuan.capture.sources.models import Source
from bihuan.capture.store import get_store
from bihuan.know.accounts.models import Account, Person

EVENTS: dict[str, Any] = {
    "noun": "events",
    "file": "e.csv",
    "source": "files",
    "product": "Acme",
    "fields": {
        "event_id": "id",
        "name": "what",
        "ts": "at",
        "account_key": "cust",
        "person_key": "who",
        "props": {"columns": ["n"]},
    },
    "types": {"n": "int"},
}
HEAD = ["id", "what", "at", "cust", "who", "n"]


def stored(columns: str = "event_id, name") -> list[tuple[Any, ...]]:
    table = get_store().execute(f"SELECT {columns} FROM events WHERE source_id > 0 ORDER BY ts, event_id")
    return [tuple(row.values()) for row in table.to_pylist()]


@pytest.fixture
def customers(desk: Desk) -> Desk:
    """Accounts a and b; Lin was at a until May 2024 and is at b since June."""
    desk.write("a.csv", [["no", "name"], ["a", "甲"], ["b", "乙"]])
    desk.write("p.csv", [["key", "name"], ["lin", "林云"]])
    desk.write("m.csv", [["who", "no", "from", "to"], ["lin", "a", "2024-01-01", "2024-05-01"],
                         ["lin", "b", "2024-06-01", None]])  # fmt: skip
    fields = {"person_key": "who", "account_key": "no", "starts_on": "from", "ends_on": "to"}
    desk.load(
        accounts("a.csv"),
        {"noun": "people", "file": "p.csv", "fields": {"key": "key", "name": "name"}},
        {"noun": "memberships", "file": "m.csv", "fields": fields},
    )
    return desk


def test_an_event_has_its_account_person_source_and_properties(customers: Desk) -> None:
    customers.write("e.csv", [HEAD, ["1", "login", "2024-03-01 09:30:00", "b", "lin", 7]])
    report = customers.load(EVENTS).of("events")
    assert (report.created, report.rejected) == (1, 0)
    assert get_store().log.rows() == 1
    row = get_store().execute("SELECT * FROM events").to_pylist()[0]
    assert (row["event_id"], row["name"], row["props"], row["distinct_id"]) == (
        "1",
        "login",
        '{"n":7}',
        "lin",
    )
    assert row["ts"] == datetime(2024, 3, 1, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
    assert row["received_at"] == row["ts"]
    assert row["account_id"] == Account.objects.get(key="b").pk
    assert row["person_id"] == Person.objects.get(key="lin").pk
    source = Source.objects.get(code="files")
    assert (row["source_id"], row["product_id"]) == (source.pk, source.product_id)
    assert source.kind == Source.Kind.IMPORT


def test_without_an_account_the_membership_of_the_day_decides(customers: Desk) -> None:
    table = {
        **EVENTS,
        "fields": {name: rule for name, rule in EVENTS["fields"].items() if name != "account_key"},
    }
    customers.write("e.csv", [
        HEAD,
        ["1", "x", "2024-04-30 23:59:59", "", "lin", ""],
        ["2", "x", "2024-05-01 00:00:00", "", "lin", ""],
        ["3", "x", "2024-06-01 00:00:00", "", "lin", ""],
        ["4", "x", "2024-06-02", "", "", ""],
    ])  # fmt: skip
    customers.load(table)
    a, b = (Account.objects.get(key=key).pk for key in "ab")
    assert stored("event_id, account_id") == [("1", a), ("2", None), ("3", b), ("4", None)]


def test_memberships_that_come_later_bring_the_events_home(customers: Desk) -> None:
    customers.write("p.csv", [["key", "name"], ["wu", "吴明"]])
    customers.write("e.csv", [HEAD, ["1", "x", "2023-12-31 12:00:00", "", "wu", ""],
                              ["2", "x", "2024-03-01 12:00:00", "", "wu", ""], ["3", "x", "2024-03-02", "b", "wu", ""]])  # fmt: skip
    people = {"noun": "people", "file": "p.csv", "fields": {"key": "key", "name": "name"}}
    customers.load(people, EVENTS)
    b = Account.objects.get(key="b").pk
    drain(at=timezone.now() + timedelta(days=1))
    assert stored("event_id, account_id") == [("1", None), ("2", None), ("3", b)]
    customers.write("m.csv", [["who", "no", "from"], ["wu", "a", "2024-01-01"]])
    fields = {"person_key": "who", "account_key": "no", "starts_on": "from"}
    report = customers.load({"noun": "memberships", "file": "m.csv", "fields": fields}, EVENTS)
    assert report.of("events").unchanged == 3
    drain(at=timezone.now() + timedelta(days=1))
    store = get_store()
    store.wait_applied(store.log.head())
    a = Account.objects.get(key="a").pk
    assert stored("event_id, account_id") == [("1", None), ("2", a), ("3", b)]
    assert attribute_waiting() == 0  # what remains lies before the membership


def test_a_key_that_is_not_stored_rejects_the_event(customers: Desk) -> None:
    day = "2024-01-01"
    customers.write("e.csv", [HEAD, ["1", "x", day, "zzz", "", ""], ["2", "x", day, "", "nobody", ""],
                              ["3", "x", day, "", "", ""], ["4", "", day, "", "", ""]])  # fmt: skip
    report = customers.load(EVENTS).of("events")
    assert [(p.line, p.field, p.value) for p in report.problems] == [
        (5, "name", ""), (2, "account_key", "zzz"), (3, "person_key", "nobody"),
    ]  # fmt: skip
    assert (report.created, report.rejected) == (1, 3)


def test_a_longer_file_adds_only_what_is_new_however_it_is_ordered(customers: Desk) -> None:
    rows = [[str(n), "x", "2024-01-01", "a", "", n] for n in range(10)]
    customers.write("e.csv", [HEAD, *rows[:6]])
    assert customers.load(EVENTS).of("events").created == 6
    customers.write("e.csv", [HEAD, *reversed(rows)])
    report = customers.load(EVENTS).of("events")
    assert (report.created, report.unchanged) == (4, 6)
    assert len(stored()) == 10
    other = {**EVENTS, "source": "others"}
    assert customers.load(other).of("events").created == 10  # ids are unique within a source


def test_an_id_that_comes_twice_in_a_file_is_stored_once_even_without_unique(customers: Desk) -> None:
    customers.write(
        "e.csv", [HEAD, ["1", "x", "2024-01-01", "a", "", 1], ["1", "x", "2024-01-02", "a", "", 2]]
    )
    report = customers.load(EVENTS).of("events")
    assert (report.created, report.duplicates) == (1, 1)
    assert report.duplicate_rows[0].line == 3
    assert len(stored()) == 1


def test_the_day_an_event_was_known_may_be_given(customers: Desk) -> None:
    customers.write("e.csv", [[*HEAD, "known"], ["1", "x", "2024-01-01", "a", "", 1, "2024-02-01"]])
    customers.load(
        {**EVENTS, "fields": {**EVENTS["fields"], "received_at": {"column": "known", "zone": "UTC"}}}
    )
    assert stored("received_at") == [(datetime(2024, 2, 1, tzinfo=UTC),)]


def test_a_check_stores_no_event_and_makes_no_source(customers: Desk) -> None:
    customers.write("e.csv", [HEAD, ["1", "x", "2024-01-01", "a", "", 1]])
    assert customers.load(EVENTS, check=True).of("events").created == 1
    assert get_store().log.rows() == 0
    assert not Source.objects.filter(code="files").exists()


NUMBERED = st.lists(
    st.tuples(st.integers(0, 30), st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1))), max_size=20
)
SOURCES = itertools.count()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=NUMBERED, then=NUMBERED)
def test_however_often_and_mixed_files_come_each_id_is_stored_once(
    desk: Desk, first: list[tuple[int, datetime]], then: list[tuple[int, datetime]]
) -> None:
    fields = {"event_id": "id", "name": "what", "ts": "at"}
    table = {"noun": "events", "file": "e.csv", "source": f"s{next(SOURCES)}", "fields": fields}
    stored_of = 0
    for rows in (first, then, first):
        desk.write("e.csv", [["id", "what", "at"], *([str(n), "x", at.isoformat()] for n, at in rows)])
        stored_of += desk.load(table).of("events").created
    assert stored_of == len({n for n, _ in first} | {n for n, _ in then})
