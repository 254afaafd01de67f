"""The loop that follows every kind of funnel, held unit by unit to the reference in plain Python, and its rows to the plan's."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store import events_table
from bihuan.capture.store.tracks import Loose, Tracks, track_of, without
from bihuan.understand.engine.fast.breakdown import ranked
from bihuan.understand.engine.fast.funnel import NEVER
from bihuan.understand.engine.fast.funnel_rows import attempts_of, funnel_tables
from bihuan.understand.engine.fast.ground import Ground
from bihuan.understand.engine.fast.scan import plan_scan
from bihuan.understand.engine.funnel import plans_of_funnel, read_funnel
from bihuan.understand.explore.tests.conftest import MONDAY, PERIOD, TODAY, ZONE, thoroughly
from bihuan.understand.explore.tests.reference.funnel import funnel
from bihuan.understand.explore.tests.test_funnels import HISTORIES, fits, questions
from bihuan.understand.explore.tests.test_tracks_answer_as_plans_do import plain

CODES = {name: place for place, name in enumerate("ABCX")}
TIERS = pa.table({"account_id": pa.array([1, 2, 4], pa.int64()), "value": ["gold", "base", "gold"]})
TRAITS = {"account_id": "int64", "value": "string"}


def rows_of(histories: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Of person n the n-th history, of account n % 4 (0: none)."""
    return [
        {"name": one["name"], "ts": MONDAY + timedelta(minutes=one["minute"]), "person_id": person or None,
         "account_id": person % 4 or None, "source_id": one["source_id"], "event_id": f"{person:03}-{place:03}",
         "props": {key: one[key] for key in ("v", "n") if one[key] is not None}}
        for person, events in enumerate(histories) for place, one in enumerate(events)
    ]  # fmt: skip


def ground_of(ledger: Any, rows: list[dict[str, Any]], *, laid: bool) -> Ground:
    """Tracks of these rows (`laid`) and what a scan of them gives."""
    import ibis

    def scan(wanted: Any) -> pa.Table:
        traits = ibis.table(TRAITS, name="traits") if wanted.by == "account.tier" else None
        plan = plan_scan(wanted, events=events_table(), internal_source=0, reach={}, traits=traits)
        return ledger.table(plan, named={"traits": TIERS})

    return Ground(tracks=lambda order, prop: tracks_of(rows, order, prop) if laid else None, scan=scan, accounts=None, zone=str(ZONE),
                  traits=TIERS)  # fmt: skip


def tracks_of(rows: list[dict[str, Any]], order: str, prop: str | None = None) -> Tracks:
    """All rows as one track, beside an outdated one whose units are marked so."""
    placed = sorted(
        (row for row in rows if row[f"{order}_id"] is not None),
        key=lambda row: (row[f"{order}_id"], row["ts"]),
    )
    texts = sorted({str(row["props"][prop]) for row in rows if prop in row["props"]}, reverse=True)
    columns = (
        ([row[f"{order}_id"] for row in placed], np.int64),
        ([round(row["ts"].timestamp()) * 1_000_000 for row in placed], np.int64),
        ([2 * CODES[row["name"]] + (row["source_id"] == 0) for row in placed], np.int32),
        ([row["account_id"] or -1 for row in placed] if order == "person" else [], np.int64),
        (
            [-1 if row["props"].get(prop) is None else texts.index(row["props"][prop]) for row in placed],
            np.int32,
        ),
    )
    track = track_of(*(np.array(values, kind) for values, kind in columns))
    nothing = np.zeros(0, np.int32)
    return Tracks(order=order, parts=(without(track, track.units), track), codes=CODES,
                  loose=(Loose(code=nothing, day=nothing, count=nothing),), texts=tuple(texts) if prop else None)  # fmt: skip


def least(values: Any) -> str | None:
    return min((one for one in values if one is not None), default=None)


def value_of(event: dict[str, Any], by: str | None) -> str | None:
    """What the breakdown says of an event."""
    account = event["account_id"]
    return {
        None: None, "props.v": event["props"].get("v"), "event": event["name"],
        "account": None if account is None else str(account), "account.tier": {1: "gold", 2: "base"}.get(account),
    }[by]  # fmt: skip


@st.composite
def broken_down(draw: Any) -> dict[str, Any]:
    """A funnel in any way, by anything."""
    drawn = draw(questions())
    return drawn | {"by": draw(st.sampled_from([None, "props.v", "event", "account", "account.tier"]))}


@thoroughly
@given(histories=HISTORIES, drawn=broken_down(), laid=st.booleans())
def test_every_unit_goes_as_far_as_the_reference_says(ledger, histories, drawn, laid):
    assert_follows(ledger, rows_of(histories), drawn, laid=laid)


NAMES = st.sampled_from("AABBCX")
TIGHT = st.lists(
    st.fixed_dictionaries({"name": NAMES, "minute": st.integers(0, 3), "v": st.sampled_from(["p", "q"]), "n": st.sampled_from([1, 2]),
                           "source_id": st.sampled_from([1, 1, 0])}), max_size=12,
)  # fmt: skip


@thoroughly
@given(histories=st.lists(TIGHT, min_size=30, max_size=40), drawn=broken_down(), laid=st.booleans())
def test_ties_are_taken_in_the_order_of_the_plan(ledger, histories, drawn, laid):
    assert_follows(ledger, rows_of(histories), drawn, laid=laid)


def assert_follows(ledger: Any, rows: list[dict[str, Any]], drawn: dict[str, Any], *, laid: bool) -> None:
    """Each unit is the reference's, and the tables are the plan's."""
    q = read_funnel(
        {"kind": "funnel", "period": PERIOD} | {k: v for k, v in drawn.items() if v is not None}, today=TODAY
    )
    ledger.fill(rows)
    ground = ground_of(ledger, rows, laid=laid)
    walked = attempts_of(q, ground)
    assert walked is not None
    found, units = walked
    named = {name for one in q.steps for name in one.events}
    expected = funnel(
        q, rows, unit=lambda row: row["person_id"], fits=fits,
        held=(lambda row: row["props"].get("v")) if q.hold else lambda row: "",
        others=lambda row: row["source_id"] != 0 or row["name"] in named,
    )  # fmt: skip
    assert sorted(found.units.tolist()) == sorted(expected)
    for place, person in enumerate(found.units.tolist()):
        one = expected[person]
        assert (found.reached[place], found.start[place]) == (one.reached, one.start), (person, drawn)
        took = [None if us == NEVER else us for us in found.took[place].tolist()]
        assert tuple(took) == one.took, (person, drawn)
        takers = one.starters if q.by_step == 1 else one.enders[q.by_step - 1]
        if q.by and q.order != "any":
            wanted = least(value_of(taker, q.by) for taker in takers)
            assert units.by.text(found.series[place]) == wanted, (person, drawn)
    import ibis

    traits = ibis.table(TRAITS, name="traits") if q.by == "account.tier" else None
    plans = plans_of_funnel(q, events=events_table(), reach={}, internal_source=0, traits=traits)
    for name, table in funnel_tables(q, ground).items():
        if name == "left_out" and laid:
            continue  # these tracks say nothing about events without a person
        planned = ledger.table(plans[name], named={"traits": TIERS})
        assert plain(table) == plain(planned), (name, drawn)
        assert table.column_names == planned.column_names


def test_values_are_ranked_and_none_is_the_greatest():
    texts, places = ranked(pa.chunked_array([["b", None, "a", "b"]]))
    assert (texts, places.tolist()) == (("a", "b"), [1, 2, 0, 1])
    texts, places = ranked(pa.chunked_array([pa.nulls(2, pa.string())]))
    assert (texts, places.tolist()) == ((), [0, 0])


@pytest.mark.parametrize("by", ["account", "account.tier", "event"])
def test_what_tracks_know_is_not_scanned(by):
    rows = rows_of([[], [{"name": "A", "minute": 1, "source_id": 1, "v": None, "n": None}]])

    def never(_wanted: Any) -> pa.Table:
        raise AssertionError("tracks know it")

    ground = Ground(
        tracks=lambda order, prop: tracks_of(rows, order, prop),
        scan=never,
        accounts=None,
        zone=str(ZONE),
        traits=TIERS,
    )
    for unit in ("person", "account"):
        raw = {
            "kind": "funnel",
            "steps": ["A", "B"],
            "by": by,
            "unit": unit,
            "order": "strict",
            "period": PERIOD,
        }
        table = funnel_tables(read_funnel(raw, today=TODAY), ground)["rows"]
        assert table["series"].to_pylist() == [{"account": "1", "account.tier": "gold", "event": "A"}[by]]
