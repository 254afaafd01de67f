"""Funnels: the worked examples, and thousands of small histories against the reference."""

from collections import Counter
from datetime import timedelta
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store import events_table
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.funnel import (
    plan_funnel_units,
    plans_of_funnel,
    read_funnel,
    shape_funnel,
)
from bihuan.understand.explore.tests.conftest import MONDAY, TODAY, ZONE, Ledger, thoroughly
from bihuan.understand.explore.tests.reference.funnel import funnel

PERIOD = {"from": "2026-03-01", "to": "2026-03-31"}


def history(*happened, person=1, **more):
    """("A", "1:30") is A at half past one."""
    rows = []
    for name, clock, *props in happened:
        hours, minutes = clock.split(":")
        ts = MONDAY + timedelta(hours=int(hours), minutes=int(minutes))
        rows.append({"name": name, "ts": ts, "person_id": person, "props": props[0] if props else {}, **more})
    return rows


def question(*steps, **more):
    return read_funnel({"kind": "funnel", "steps": list(steps), "period": PERIOD, **more}, today=TODAY)


def units(ledger: Ledger, rows, q):
    ledger.fill(rows)
    found = ledger.rows(plan_funnel_units(q, events=events_table(), reach={}, internal_source=0))
    return {row["unit"]: row for row in found}


def reached(ledger, rows, q):
    return {unit: row["reached"] for unit, row in units(ledger, rows, q).items()}


def answer(ledger, rows, q):
    ledger.fill(rows)
    plans = plans_of_funnel(q, events=events_table(), reach={}, internal_source=0)
    return shape_funnel(
        q, found={name: ledger.table(plan) for name, plan in plans.items()}, zone="Asia/Shanghai", today=TODAY
    )


def test_a_later_first_step_may_start_a_better_attempt(ledger):
    rows = history(("A", "1:00"), ("A", "1:30"), ("B", "1:45"), ("C", "2:15"))
    assert reached(ledger, rows, question("A", "B", "C", within="1h")) == {1: 3}
    assert reached(ledger, rows, question("A", "B", "C", within="1h", reentry="first")) == {1: 2}
    assert units(ledger, rows, question("A", "B", "C", within="1h"))[1]["took_3"] == 45 * 60 * 1_000_000


def test_the_window_runs_from_step_1_and_its_end_is_inclusive(ledger):
    rows = history(("A", "1:00"), ("B", "1:59"), ("C", "2:00"))
    assert reached(ledger, rows, question("A", "B", "C", within="60m")) == {1: 3}
    assert reached(ledger, rows, question("A", "B", "C", within="59m")) == {1: 2}


def test_strict_order_is_broken_by_any_other_event_of_the_unit(ledger):
    rows = history(("A", "1:00"), ("X", "1:01"), ("B", "1:02"))
    rows += history(("A", "1:00"), ("B", "1:02"), person=2) + history(("X", "1:01"), person=3)
    assert reached(ledger, rows, question("A", "B", order="strict")) == {1: 1, 2: 2}
    assert reached(ledger, rows, question("A", "B")) == {1: 2, 2: 2}


def test_any_order_counts_different_steps_within_the_window(ledger):
    rows = history(("C", "1:00"), ("A", "1:10"), ("A", "1:20"), ("B", "1:30"))
    assert reached(ledger, rows, question("A", "B", "C", order="any", within="30m")) == {1: 3}
    assert reached(ledger, rows, question("A", "B", "C", order="any", within="29m")) == {1: 2}


def test_an_exclusion_ends_the_attempt_unless_a_clean_one_follows(ledger):
    no_x = {"exclude": [{"event": "X", "after": 1, "before": 2}]}
    rows = history(("A", "1:00"), ("X", "1:10"), ("B", "1:20"))
    assert reached(ledger, rows, question("A", "B", **no_x)) == {1: 1}
    rows = history(("A", "1:00"), ("X", "1:10"), ("A", "1:15"), ("B", "1:20"))
    assert reached(ledger, rows, question("A", "B", **no_x)) == {1: 2}
    assert reached(ledger, rows, question("A", "B", reentry="first", **no_x)) == {1: 1}
    rows = history(("A", "1:00"), ("B", "1:10"), ("X", "1:15"), ("B", "1:20"), ("C", "1:30"))
    assert reached(ledger, rows, question("A", "B", "C", exclude=[{"event": "X", "after": 2}])) == {1: 2}


def test_one_event_never_satisfies_two_steps(ledger):
    assert reached(ledger, history(("A", "1:00")), question("A", "A")) == {1: 1}
    assert reached(ledger, history(("A", "1:00"), ("A", "1:00")), question("A", "A", "A")) == {1: 2}


def test_ties_in_time_are_broken_by_step_order(ledger):
    rows = history(("C", "1:00"), ("B", "1:00"), ("A", "1:00"))
    assert reached(ledger, rows, question("A", "B", "C")) == {1: 3}
    assert units(ledger, rows, question("A", "B", "C"))[1]["took_3"] == 0


def test_by_account_events_without_one_do_not_count_and_are_told(ledger):
    rows = history(("A", "1:00"), account_id=7) + history(("B", "2:00"), person=2, account_id=7)
    rows += history(("A", "3:00"), ("X", "4:00"))
    found = answer(ledger, rows, question("A", "B", unit="account"))
    assert (found.summary["entered"], found.summary["converted"], found.left_out) == (1, 1, {"no account": 1})


def test_a_case_is_whatever_a_property_says(ledger):
    rows = history(("A", "1:00", {"order": "o1"}), ("A", "1:00", {"order": 2}), ("B", "2:00", {"order": 2}))
    assert reached(ledger, rows, question("A", "B", unit="props.order")) == {"o1": 1, "2": 2}


def test_a_property_is_held_constant(ledger):
    rows = history(
        ("A", "1:00", {"sku": "x"}), ("B", "1:10", {"sku": "y"}), ("A", "1:20", {"sku": "y"}), ("A", "1:30")
    )
    assert reached(ledger, rows, question("A", "B")) == {1: 2}
    found = answer(ledger, rows, question("A", "B", hold="props.sku"))
    assert (found.summary["converted"], found.left_out) == (0, {"no props.sku": 1})


def test_step_filters_apply_before_matching(ledger):
    rows = history(("A", "1:00", {"n": 1}), ("B", "1:10", {"n": 5}), ("B", "1:20", {"n": 1}))
    q = question("A", {"event": "B", "where": "props.n < 3"})
    assert units(ledger, rows, q)[1]["took_2"] == 20 * 60 * 1_000_000


def test_a_step_may_be_one_of_several_events(ledger):
    rows = history(("A", "1:00"), ("C", "1:10"))
    assert reached(ledger, rows, question("A", {"events": ["B", "C"], "label": "buy"})) == {1: 2}


def test_the_breakdown_is_taken_from_the_step_that_is_named(ledger):
    rows = history(
        ("A", "1:00", {"via": "ad"}), ("A", "1:10", {"via": "mail"}), ("B", "1:20", {"via": "web"})
    )
    assert units(ledger, rows, question("A", "B", by="props.via"))[1]["series"] == "mail"
    assert units(ledger, rows, question("A", "B", by="props.via", by_step=2))[1]["series"] == "web"
    rows += history(("A", "1:00", {"via": "ad"}), person=2)
    found = answer(ledger, rows, question("A", "B", by="props.via"))
    assert [row[:4] for row in found.rows] == [
        ("ad", 1, "A", 1),
        ("ad", 2, "B", 0),
        ("mail", 1, "A", 1),
        ("mail", 2, "B", 1),
    ]
    assert (found.summary["entered"], found.summary["rate"]) == (2, 0.5)


def test_conversion_over_time_marks_what_is_not_over(ledger):
    rows = history(("A", "1:00"), ("B", "2:00")) + history(("A", "25:00"), person=2)
    q = question("A", "B", every="day", within="1d", period={"from": "2026-03-02", "to": "2026-03-03"})
    found = answer(ledger, rows, q)
    assert [(str(row[0]), *row[1:4], row[-1]) for row in found.rows] == [
        ("2026-03-02", 1, 1, 1.0, "complete"), ("2026-03-03", 1, 0, 0.0, "incomplete"),
    ]  # fmt: skip


def test_who_dropped_where_is_a_list(ledger):
    rows = history(("A", "1:00"), ("B", "2:00")) + history(("A", "2:00"), person=2)
    found = answer(ledger, rows, question("A", "B", list={"dropped_after": 1}))
    assert [row[:2] for row in found.rows] == [(2, 1)]
    found = answer(ledger, rows, question("A", "B", list={"reached": "A"}))
    assert ([row[0] for row in found.rows], found.summary) == ([1, 2], {"units": 2})


def test_nobody_is_an_answer(ledger):
    found = answer(ledger, [], question("A", "B"))
    assert (found.summary["entered"], found.summary["rate"], len(found.rows)) == (0, None, 2)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"steps": ["A"]}, "steps"), ({"steps": "A"}, "steps"), ({"steps": ["A", {"where": "true"}]}, "steps[2]"),
        ({"steps": ["A", {"event": "B", "when": 1}]}, "steps[2].when"), ({"steps": ["A", 5]}, "steps[2]"),
        ({"within": "7 days"}, "within"), ({"within": "0d"}, "within"), ({"order": "loose"}, "order"),
        ({"reentry": "last"}, "reentry"), ({"unit": "team"}, "unit"), ({"hold": "colour"}, "hold"),
        ({"by": "colour"}, "by"), ({"by_step": 4}, "by_step"), ({"every": "hour"}, "every"), ({"magic": 1}, "magic"),
        ({"exclude": [{"event": "X", "after": 2, "before": 1}]}, "exclude[1].before"),
        ({"exclude": "X", "order": "any"}, "exclude"), ({"order": "any", "steps": ["A", "A"]}, "steps"),
        ({"hold": "props.x", "order": "strict"}, "hold"), ({"list": {"lost": 1}}, "list.lost"),
        ({"list": {"dropped_after": 2}}, "list.dropped_after"), ({"steps": ["A", {"event": "B", "where": "x ="}]}, "steps[2].where"),
    ],
)  # fmt: skip
def test_a_wrong_funnel_names_the_field(more, field):
    with pytest.raises(QuestionError) as refused:
        read_funnel({"kind": "funnel", "steps": ["A", "B"]} | more, today=TODAY)
    assert refused.value.field == field


EVENTS = st.fixed_dictionaries({
    "name": st.sampled_from("AAABBCX"), "minute": st.integers(0, 12), "v": st.sampled_from([None, "p", "q"]),
    "n": st.sampled_from([None, 1, 2]), "source_id": st.sampled_from([1, 1, 1, 0]),
})  # fmt: skip
HISTORIES = st.lists(st.lists(EVENTS, max_size=9), min_size=20, max_size=40)
STEPS = st.sampled_from([
    "A", "B", "C", {"events": ["A", "B"]}, {"events": ["B", "C"]}, {"event": "A", "where": "props.n == 1"},
    {"event": "B", "where": "props.n > 1"},
])  # fmt: skip


@st.composite
def questions(draw):
    order = draw(st.sampled_from(["ordered", "ordered", "strict", "any"]))
    unique = (lambda one: str(one)) if order == "any" else None
    drawn = {
        "steps": draw(st.lists(STEPS, min_size=2, max_size=5, unique_by=unique)), "order": order,
        "within": f"{draw(st.integers(1, 8))}m", "reentry": draw(st.sampled_from(["optimised", "first"])),
        "by": draw(st.sampled_from([None, "props.v"])), "by_step": draw(st.integers(1, 2)),
    }  # fmt: skip
    if order != "strict":
        drawn["hold"] = draw(st.sampled_from([None, None, "props.v"]))
    if order == "ordered":
        spans = [(i, j) for j in range(2, len(drawn["steps"]) + 1) for i in range(1, j)]
        out = st.tuples(st.sampled_from("XXXB"), st.sampled_from(spans)).map(
            lambda one: {"event": one[0], "after": one[1][0], "before": one[1][1]}
        )
        drawn["exclude"] = draw(st.lists(out, max_size=2))
    return drawn


def fits(row, selector):
    rules = {
        None: lambda n: True,
        "props.n == 1": lambda n: n == 1,
        "props.n > 1": lambda n: n is not None and n > 1,
    }
    return row["name"] in selector.events and rules[selector.where](row["props"].get("n"))


@thoroughly
@given(histories=HISTORIES, drawn=questions())
def test_a_funnel_agrees_with_the_reference(ledger, histories, drawn):
    assert_agree(ledger, histories, drawn)


SPANS = st.sampled_from([(2, 3), (2, 3), (1, 2), (1, 3)])


@thoroughly
@given(
    histories=st.lists(st.lists(st.tuples(st.sampled_from("ABBXXC"), st.integers(0, 8)), min_size=5, max_size=9), min_size=60, max_size=60),
    spans=st.lists(SPANS, min_size=1, max_size=2), within=st.integers(5, 9), reentry=st.sampled_from(["optimised", "first"]),
)  # fmt: skip
def test_a_funnel_with_exclusions_agrees_with_the_reference(ledger, histories, spans, within, reentry):
    events = [
        [{"name": name, "minute": minute, "v": None, "n": None, "source_id": 1} for name, minute in one]
        for one in histories
    ]
    exclude = [{"event": "X", "after": after, "before": before} for after, before in spans]
    assert_agree(
        ledger,
        events,
        {"steps": ["A", "B", "C"], "exclude": exclude, "within": f"{within}m", "reentry": reentry},
    )


def assert_agree(ledger, histories, drawn):
    """The units, their times, breakdown and the counted answer are those of the reference."""
    rows = [
        {"name": one["name"], "ts": MONDAY + timedelta(minutes=one["minute"]), "person_id": person or None,
         "source_id": one["source_id"], "event_id": f"{person:03}-{place:03}",
         "props": {key: one[key] for key in ("v", "n") if one[key] is not None}}
        for person, events in enumerate(histories) for place, one in enumerate(events)
    ]  # fmt: skip
    q = read_funnel(
        {"kind": "funnel", "period": PERIOD} | {k: v for k, v in drawn.items() if v is not None}, today=TODAY
    )
    named = {name for one in q.steps for name in one.events}
    expected = funnel(
        q, rows, unit=lambda row: row["person_id"], fits=fits,
        held=(lambda row: row["props"].get("v")) if q.hold else lambda row: "",
        others=lambda row: row["source_id"] != 0 or row["name"] in named,
    )  # fmt: skip
    found = units(ledger, rows, q)
    for person, one in expected.items():
        row = found[person]
        assert (row["reached"], row["start"]) == (one.reached, one.start), (person, drawn)
        assert tuple(row[f"took_{k}"] for k in range(2, len(q.steps) + 1)) == one.took
        takers = one.starters if q.by_step == 1 else one.enders[q.by_step - 1]
        values = [taker["props"]["v"] for taker in takers if "v" in taker["props"]]
        assert row["series"] == (min(values, default=None) if q.by else None)
    assert found.keys() == expected.keys()

    counted = answer(ledger, rows, q)
    for k in range(1, len(q.steps) + 1):
        assert counted.summary[f"step_{k}"] == sum(one.reached >= k for one in expected.values())
    took = [one.took[-1] / 1_000_000 for one in expected.values() if one.took[-1] is not None]
    if took:
        assert counted.summary["mean_seconds"] == pytest.approx(mean(took))
        assert counted.summary["p90_seconds"] == pytest.approx(float(np.percentile(took, 90)))
    nobody = sum(row["person_id"] is None and any(fits(row, one) for one in q.steps) for row in rows)
    assert counted.left_out.get("no person", 0) == nobody
    if q.by:
        sizes = Counter(row["series"] or "—" for row in found.values())
        assert {row[0]: row[3] for row in counted.rows if row[1] == 1} == sizes


def test_the_zone_of_the_examples_is_the_organisations():
    assert MONDAY.astimezone(ZONE).weekday() == 0
