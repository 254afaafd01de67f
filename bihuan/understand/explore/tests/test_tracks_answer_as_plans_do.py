"""A loop over tracks and the plan of a question give the same rows, for small histories and drawn questions."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store import events_table
from bihuan.capture.store.tracks import Loose, Order, Tracks, track_of, without
from bihuan.understand.engine.fast.answers import fast_answer
from bihuan.understand.engine.fast.ground import Ground
from bihuan.understand.engine.fast.scan import Scan, plan_scan
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.explore.tests.conftest import MONDAY, TODAY, ZONE, thoroughly

NAMES = ("a", "b", "c")
CODES = {name: n for n, name in enumerate(NAMES)}
KIND = {kind.name: kind for kind in KINDS}
PERIOD = {"from": "2026-03-04", "to": "2026-03-24"}

#: hours from Monday 2026-03-02 in whole steps, so that ties come up; person, account, name, whether it is ours
drawn_events = st.lists(
    st.tuples(
        st.integers(-400, 700), st.sampled_from([None, 1, 2, 3, 4]), st.sampled_from([None, 1, 2]),
        st.sampled_from(NAMES), st.integers(0, 9).map(lambda n: n == 0), st.sampled_from([None, "pro", "free", "客户", "7"]),
    ),
    max_size=120,
)  # fmt: skip
selectors = st.one_of(st.sampled_from(NAMES), st.just({"events": ["a", "b"]}))
units = st.sampled_from(["person", "account"])
every = st.sampled_from(["day", "week", "month"])
questions = st.one_of(
    st.fixed_dictionaries({
        "kind": st.just("funnel"), "unit": units, "within": st.sampled_from(["6h", "2d", "9d"]),
        "reentry": st.sampled_from(["optimised", "first"]),
        "steps": st.sampled_from([["a", "b"], ["b", "a", "c"], [{"events": ["a", "c"]}, "b"], ["a", "never", "b"]]),
    }, optional={"every": every}),
    st.fixed_dictionaries({
        "kind": st.just("retention"), "unit": units, "every": every, "returned": st.sampled_from(["on", "on_or_after"]),
        "clock": st.sampled_from(["rolling", "calendar"]), "cohorts": st.sampled_from(["first", "recurring"]),
        "periods": st.integers(1, 5),
    }, optional={"start": selectors, "return": selectors}),
    st.fixed_dictionaries({"kind": st.sampled_from(["lifecycle", "stickiness"]), "unit": units, "every": every},
                          optional={"activity": selectors}),
    st.fixed_dictionaries({
        "kind": st.just("path"), "unit": units, "steps": st.integers(2, 4), "repeats": st.sampled_from(["collapse", "keep"]),
    }, optional={"from": selectors, "events": st.just(["a", "c"]), "within": st.sampled_from(["5h", "3d"])}),
    st.fixed_dictionaries({"kind": st.just("path"), "unit": units, "to": selectors}),
    st.fixed_dictionaries({"kind": st.just("trend"), "measure": st.sampled_from(["people", "accounts"]), "every": every},
                          optional={"by": st.sampled_from(["event", "props.v"]), "events": st.just(["a", "c"])}),
    st.fixed_dictionaries({"kind": st.just("trend"), "measure": st.just("count"), "every": every, "by": st.just("props.v")},
                          optional={"events": st.just(["a", "c"])}),
    st.fixed_dictionaries({"kind": st.just("funnel"), "unit": units, "steps": st.sampled_from([["a", "b"], ["b", "a", "c"]]),
                           "within": st.just("9d"), "by": st.just("props.v")}),
)  # fmt: skip


def tracks_of(
    rows: list[dict[str, Any]], order: Order, prop: str | None = None, *, stale: set[int]
) -> Tracks:
    """As the store gives them: the units in `stale` stand twice, as they were in the base and as they are now; with the values
    of the property."""
    texts = ["never"]

    def value_of(row: dict[str, Any]) -> int:
        text = row.get("props", {}).get(prop)
        if text is not None and text not in texts:
            texts.append(text)
        return -1 if text is None else texts.index(text)

    unit = f"{order}_id"
    placed = sorted(
        (row for row in rows if row[unit] is not None), key=lambda row: (row[unit], row["ts"], row["name"])
    )

    def track(some: list[dict[str, Any]]) -> Any:
        us = [round(row["ts"].timestamp()) * 1_000_000 for row in some]
        codes = [2 * CODES[row["name"]] + (row["source_id"] == 0) for row in some]
        accounts = (
            [-1 if row["account_id"] is None else row["account_id"] for row in some]
            if order == "person"
            else []
        )
        return track_of(*(np.array(values, kind) for values, kind in (
            ([row[unit] for row in some], np.int64), (us, np.int64), (codes, np.int32), (accounts, np.int64),
            ([value_of(row) for row in some], np.int32))))  # fmt: skip

    base = track([row for row in placed if row[unit] not in stale or row["name"] == "a"])
    fresh = track([row for row in placed if row[unit] in stale])
    loose = Counter(
        (2 * CODES[row["name"]] + (row["source_id"] == 0), (row["ts"].astimezone(ZONE).date() - date(1970, 1, 1)).days,
         value_of(row))
        for row in rows if row[unit] is None
    )  # fmt: skip
    code, day, value = np.array(list(loose), np.int32).reshape(-1, 3).T
    counted = Loose(code=code, day=day, value=value, count=np.array(list(loose.values()), np.int32))
    return Tracks(
        order=order,
        parts=(without(base, np.array(sorted(stale), np.int64)), fresh),
        codes=CODES,
        loose=(counted,),
        texts=None if prop is None else tuple(texts),
    )


def plain(table: pa.Table) -> list[tuple[Any, ...]]:
    """Rows in one order, a number being a number."""

    def value(one: Any) -> Any:
        return (
            round(float(one), 6)
            if isinstance(one, (int, float))
            else str(one)[:10]
            if one is not None
            else None
        )

    rows = [tuple((name, value(one)) for name, one in sorted(row.items())) for row in table.to_pylist()]
    return sorted(rows, key=repr)


@thoroughly
@given(
    drawn_events,
    st.lists(questions, min_size=3, max_size=6),
    st.sets(st.integers(1, 4)),
    st.sampled_from([None, [1], [2, 9], []]),
)
def test_any_question_about_any_history(ledger, drawn, asked, stale, accounts) -> None:
    rows = [
        {"name": name, "ts": MONDAY + timedelta(hours=hours), "person_id": person, "account_id": account,
         "source_id": 0 if ours else 1, "props": {} if value is None else {"v": value}}
        for hours, person, account, name, ours, value in drawn
    ]  # fmt: skip
    ledger.fill(rows)
    ground = Ground(
        tracks=lambda order, prop: tracks_of(rows, order, prop, stale=stale), scan=never, zone=str(ZONE),
        accounts=None if accounts is None else np.array(accounts, np.int64),
    )  # fmt: skip
    for raw in asked:
        kind = KIND[raw["kind"]]
        question = kind.read(raw | {"period": PERIOD}, today=TODAY)
        reach = (
            {}
            if accounts is None
            else {"account_id": pa.table({"account_id": pa.array(accounts, pa.int64())})}
        )
        planned = planned_rows(ledger, kind, question, reach)
        found = fast_answer(question, ground=ground)
        if (
            accounts is not None
            and raw.get("by") == "props.v"
            and raw["kind"] == "trend"
            and raw["measure"] == "count"
        ):
            assert found == {}, "events without a person are not counted by account"
            continue
        assert "rows" in found, raw
        for name, table in found.items():
            assert plain(table) == plain(planned[name]), (raw, name)
            assert table.column_names == planned[name].column_names


def never(*args: Any) -> pa.Table:
    raise AssertionError("names are enough, nothing is scanned")


def planned_rows(ledger, kind, question, reach) -> dict[str, pa.Table]:
    plans = kind.plans(question, events=events_table(), reach=named(reach), internal_source=0)
    return {name: ledger.table(plan, beside=list(reach.values())) for name, plan in plans.items()}


def named(reach: dict[str, pa.Table]) -> dict[str, ir.Table]:
    """What a plan knows of the accounts in reach; the ledger has their rows under this name."""
    return {column: ibis.table({column: "int64"}, name="beside0") for column in reach}


def scanning(ledger, reach):
    """What the runner does: the plan of a scan, asked of the ledger."""

    def scan(wanted: Scan) -> pa.Table:
        plan = plan_scan(wanted, events=events_table(), internal_source=0, reach=named(reach))
        return ledger.table(plan, beside=list(reach.values()))

    return scan


ruled = st.one_of(
    st.sampled_from(NAMES), st.just({"event": "a", "where": "props.x > 1"}), st.just({"event": "b", "where": "props.x == 0"}),
    st.just({"events": ["a", "b"], "where": "!has(props.x) || props.x < 2"}),
)  # fmt: skip
any_unit = st.sampled_from(["person", "account", "props.case"])
questions_with_rules = st.one_of(
    st.fixed_dictionaries({
        "kind": st.just("funnel"), "unit": any_unit, "within": st.sampled_from(["6h", "2d", "9d"]),
        "reentry": st.sampled_from(["optimised", "first"]), "steps": st.lists(ruled, min_size=2, max_size=4),
    }, optional={"where": st.just("props.x != 2"), "every": every}),
    st.fixed_dictionaries({
        "kind": st.just("retention"), "unit": any_unit, "every": every, "returned": st.sampled_from(["on", "on_or_after"]),
        "clock": st.sampled_from(["rolling", "calendar"]), "cohorts": st.sampled_from(["first", "recurring"]),
    }, optional={"start": ruled, "return": ruled, "where": st.just("props.x != 2")}),
    st.fixed_dictionaries({"kind": st.sampled_from(["lifecycle", "stickiness"]), "unit": any_unit, "every": every},
                          optional={"activity": ruled, "where": st.just("props.x != 2")}),
)  # fmt: skip
with_props = st.lists(
    st.tuples(
        st.integers(-400, 700), st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, 1, 2]), st.sampled_from(NAMES),
        st.sampled_from([{}, {"x": 0}, {"x": 1}, {"x": 2}, {"x": 2, "case": "k"}, {"x": 1, "case": "客户"}, {"case": "k"}]),
    ),
    max_size=100,
)  # fmt: skip


@thoroughly
@given(with_props, st.lists(questions_with_rules, min_size=2, max_size=4), st.sampled_from([None, [1], []]))
def test_rows_of_a_scan_say_the_same_where_rules_speak_of_properties(ledger, drawn, asked, accounts) -> None:
    ledger.fill([
        {"name": name, "ts": MONDAY + timedelta(hours=hours), "person_id": person, "account_id": account, "props": props}
        for hours, person, account, name, props in drawn
    ])  # fmt: skip
    reach = (
        {} if accounts is None else {"account_id": pa.table({"account_id": pa.array(accounts, pa.int64())})}
    )
    ground = Ground(
        tracks=lambda order, prop: None, scan=scanning(ledger, reach), accounts=None, zone=str(ZONE)
    )
    answered = 0
    for raw in asked:
        kind = KIND[raw["kind"]]
        question = kind.read(raw | {"period": PERIOD}, today=TODAY)
        planned = planned_rows(ledger, kind, question, reach)
        found = fast_answer(question, ground=ground)
        answered += "rows" in found
        for name, table in found.items():
            assert plain(table) == plain(planned[name]), (raw, name)
    assert answered or all(raw["kind"] == "funnel" for raw in asked), (
        "only a funnel may have an event that fits two steps"
    )


@pytest.mark.parametrize("raw", [
    {"kind": "funnel", "steps": ["a", "b"], "list": {"reached": 2}},
    {"kind": "retention", "by": "event"}, {"kind": "trend", "measure": "count"},
    {"kind": "trend", "measure": "people", "where": "name == 'a'"},
])  # fmt: skip
def test_what_loops_cannot_say_is_left_to_the_plan(raw) -> None:
    question = KIND[raw["kind"]].read(raw | {"period": PERIOD}, today=TODAY)
    ground = Ground(
        tracks=lambda order, prop: tracks_of([], order, prop, stale=set()),
        scan=never,
        accounts=None,
        zone=str(ZONE),
    )
    assert fast_answer(question, ground=ground) == {}
