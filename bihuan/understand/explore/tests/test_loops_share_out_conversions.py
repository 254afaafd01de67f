"""The loop of attribution against a recount in plain Python, and its tables against the plan's; ties included."""

from collections import Counter, defaultdict
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store import events_table
from bihuan.understand.engine import attribution
from bihuan.understand.engine.fast.answers import fast_answer
from bihuan.understand.explore.tests.conftest import MONDAY, PERIOD, TODAY, thoroughly
from bihuan.understand.explore.tests.test_loops_follow_any_funnel import TIERS, TRAITS, ground_of, value_of
from bihuan.understand.explore.tests.test_tracks_answer_as_plans_do import plain

EVENTS = st.tuples(
    st.integers(-5, 6),
    st.sampled_from("AABBCX"),
    st.sampled_from([None, "p", "q"]),
    st.sampled_from([1, 1, 0]),
)


def recount(q, rows):
    """(touches, credit) by value, and conversions."""
    units, touched, credit, conversions = defaultdict(list), Counter(), Counter(), 0
    for row in sorted(rows, key=lambda row: (row["ts"], row["event_id"])):
        if row[f"{q.scope.unit}_id"] is not None:
            units[row[f"{q.scope.unit}_id"]].append(row)
    for events in units.values():
        for done in (row for row in events if row["name"] in q.conversion.events and row["ts"] >= MONDAY):
            conversions += 1
            ages = [((done["ts"] - row["ts"]) / timedelta(microseconds=1), row) for row in events
                    if row["name"] in q.touch.events and row is not done]  # fmt: skip
            ages = [(age, row) for age, row in ages if 0 <= age <= q.within]
            halves = [0.5 ** (age / q.half_life) for age, _row in ages]
            n = len(ages)
            for place, (_age, row) in enumerate(ages):
                touched[value_of(row, q.by)] += 1
                credit[value_of(row, q.by)] += {
                    "first": place == 0, "last": place == n - 1, "linear": 1 / n, "decay": halves[place] / sum(halves),
                    "position": 1 / n if n <= 2 else 0.4 if place in (0, n - 1) else 0.2 / (n - 2),
                }[q.model]  # fmt: skip
    return touched, credit, conversions


@thoroughly
@given(
    histories=st.lists(st.lists(EVENTS, max_size=9), min_size=10, max_size=25), model=st.sampled_from(attribution.MODELS),
    by=st.sampled_from([None, "props.v", "account", "account.tier"]), unit=st.sampled_from(["person", "account"]),
    touch=st.sampled_from([["A", "B"], ["A", "X"]]), hours=st.integers(1, 6), laid=st.booleans(),
)  # fmt: skip
def test_conversions_are_owed_to_the_same_touches(ledger, histories, model, by, unit, touch, hours, laid):
    import ibis

    rows = [
        {"name": name, "ts": MONDAY + timedelta(hours=hour), "person_id": person or None, "account_id": person % 4 or None,
         "source_id": source, "event_id": f"{person:03}-{9 - place:03}", "props": {} if value is None else {"v": value}}
        for person, events in enumerate(histories) for place, (hour, name, value, source) in enumerate(events)
    ]  # fmt: skip
    raw = {"kind": "attribution", "touch": {"events": touch}, "conversion": "X", "model": model, "by": by, "unit": unit,
           "within": f"{hours}h", "half_life": "2h", "period": PERIOD}  # fmt: skip
    q = attribution.read_attribution(raw, today=TODAY)
    ledger.fill(rows)
    found = fast_answer(q, ground=ground_of(ledger, rows, laid=laid))
    touched, credit, conversions = recount(q, rows)
    told = {row["series"]: row for row in found["rows"].to_pylist()}
    assert {value: row["touches"] for value, row in told.items()} == touched
    assert {value: row["credit"] for value, row in told.items()} == pytest.approx(credit)
    assert found["total"]["conversions"].to_pylist() == [conversions]
    traits = ibis.table(TRAITS, name="traits") if by == "account.tier" else None
    plans = attribution.plans_of_attribution(
        q, events=events_table(), reach={}, internal_source=0, traits=traits
    )
    for name, table in found.items():
        if (
            not name.startswith("left_out") or not laid
        ):  # these tracks say nothing about events without a unit
            planned = ledger.table(plans[name], named={"traits": TIERS})
            numbers = planned.cast(pa.schema([*(
                pa.field(one.name, pa.float64()) if pa.types.is_decimal(one.type) else one for one in planned.schema
            )]))  # fmt: skip
            assert plain(table) == plain(numbers), name
