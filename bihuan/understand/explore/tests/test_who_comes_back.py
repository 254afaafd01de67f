"""Retention, stickiness and life cycle: worked examples, and small histories against the reference."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.understand.engine import lifecycle, retention, stickiness
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.tests.conftest import MONDAY, TODAY, ZONE, answered, thoroughly
from bihuan.understand.explore.tests.reference import activity as reference


def at(hours, person=1, name="use", **more):
    return {"name": name, "ts": MONDAY + timedelta(hours=hours), "person_id": person, **more}


def cell(answer, cohort, n):
    return next(row[3] for row in answer.rows if (str(row[0]), row[2]) == (cohort, n))


def test_rolling_day_1_is_24_to_48_hours_after_the_start(ledger):
    rows = [at(23), at(25), at(23, 2), at(48, 2), at(23, 3), at(47, 3), at(23, 4), at(71, 4)]
    found = answered(ledger, retention, rows)
    assert (cell(found, "2026-03-02", 0), cell(found, "2026-03-02", 1), cell(found, "2026-03-02", 2)) == (
        4,
        2,
        1,
    )
    found = answered(ledger, retention, None, clock="calendar")
    assert (cell(found, "2026-03-02", 1), cell(found, "2026-03-02", 2)) == (2, 2)


def test_on_or_after_counts_those_who_come_later(ledger):
    rows = [at(1), at(5 * 24 + 2)]
    assert cell(answered(ledger, retention, rows), "2026-03-02", 3) == 0
    assert cell(answered(ledger, retention, None, returned="on_or_after"), "2026-03-02", 3) == 1
    assert cell(answered(ledger, retention, None, returned="on_or_after", periods=2), "2026-03-02", 2) == 1


def test_first_time_cohorts_hold_a_unit_once_and_recurring_ones_again(ledger):
    rows = [at(-48, 9), at(1, 9), at(1), at(25)]
    first = answered(ledger, retention, rows)
    assert (first.summary["units"], cell(first, "2026-03-02", 0), cell(first, "2026-03-03", 0)) == (1, 1, 0)
    again = answered(ledger, retention, None, cohorts="recurring")
    assert (cell(again, "2026-03-02", 0), cell(again, "2026-03-03", 0)) == (2, 1)


def test_the_average_is_weighted_by_size_over_complete_periods(ledger):
    rows = [at(1, p) for p in (1, 2, 3)] + [at(26, p) for p in (1, 2)] + [at(49, 4)]
    assert answered(ledger, retention, rows).summary["day_1"] == 0.5
    last = answered(ledger, retention, [at(27 * 24 + 1)])
    assert {row[-1] for row in last.rows if str(row[0]) == "2026-03-29" and row[2] >= 1} == {"incomplete"}


def test_a_cohort_is_broken_down_by_its_start(ledger):
    rows = [at(1, 1, props={"v": "a"}), at(26, 1, props={"v": "b"}), at(1, 2, props={"v": "b"}), at(2, 2)]
    found = answered(ledger, retention, rows, by="props.v", periods=1)
    assert [row[1:5] for row in found.rows if str(row[0]) == "2026-03-02"] == [
        ("a", 1, 0, 1), ("a", 1, 1, 1), ("b", 1, 0, 1), ("b", 1, 1, 0)]  # fmt: skip


def test_a_life_has_four_states_and_three_of_them_are_active(ledger):
    week = 7 * 24
    rows = [at(-week), at(1), at(2 * week + 1), at(1, 2), at(week, 2), at(1), at(3, None)]
    found = answered(ledger, lifecycle, rows, every="week")
    assert [(str(row[0]), *row[1:6]) for row in found.rows] == [
        ("2026-03-02", 2, 1, 1, 0, 0), ("2026-03-09", 1, 0, 1, 0, 1), ("2026-03-16", 1, 0, 0, 1, 1),
        ("2026-03-23", 0, 0, 0, 0, 1),
    ]  # fmt: skip
    assert found.left_out == {"no person": 1}


def test_each_value_of_a_breakdown_has_a_life_cycle_of_its_own(ledger):
    rows = [at(1, props={"v": "x"}), at(26, props={"v": "x"}), at(26, props={"v": "y"}), at(26, 2)]
    found = answered(ledger, lifecycle, rows, by="props.v", period={"from": "2026-03-02", "to": "2026-03-03"})
    assert [(str(row[0]), *row[1:7]) for row in found.rows] == [
        ("2026-03-02", "x", 1, 1, 0, 0, 0), ("2026-03-02", "—", 0, 0, 0, 0, 0), ("2026-03-02", "y", 0, 0, 0, 0, 0),
        ("2026-03-03", "x", 1, 0, 1, 0, 0), ("2026-03-03", "—", 1, 1, 0, 0, 0), ("2026-03-03", "y", 1, 1, 0, 0, 0),
    ]  # fmt: skip


def test_stickiness_counts_active_days(ledger):
    found = answered(
        ledger,
        stickiness,
        [at(1), at(2), at(25), at(1, 2)],
        period={"from": "2026-03-02", "to": "2026-03-03"},
    )
    assert found.rows == ((1, 1, 0.5, 2, 1.0), (2, 1, 0.5, 1, 0.5))
    assert found.summary == {"units": 2, "mean": 1.5, "stickiness": 0.75}


@pytest.mark.parametrize(
    ("module", "more", "field"),
    [
        (retention, {"clock": "wall"}, "clock"), (retention, {"periods": 0}, "periods"), (retention, {"periods": True}, "periods"),
        (retention, {"return": {"evnt": "a"}}, "return.evnt"), (retention, {"cohort": "first"}, "cohort"),
        (stickiness, {"every": "hour"}, "every"), (stickiness, {"activity": 4}, "activity"), (lifecycle, {"by": "team"}, "by"),
    ],
)  # fmt: skip
def test_a_wrong_question_names_the_field(module, more, field):
    kind = module.__name__.split(".")[-1]
    with pytest.raises(QuestionError) as refused:
        getattr(module, f"read_{kind}")({"kind": kind} | more, today=TODAY)
    assert refused.value.field == field


histories = st.lists(
    st.lists(st.tuples(st.integers(-20 * 24, 50 * 24), st.sampled_from(["a", "b"])), max_size=10),
    min_size=1,
    max_size=25,
)
drawn_questions = st.fixed_dictionaries({
    "every": st.sampled_from(["day", "week", "month"]), "returned": st.sampled_from(["on", "on_or_after"]),
    "clock": st.sampled_from(["rolling", "calendar"]), "cohorts": st.sampled_from(["first", "recurring"]),
    "start": st.sampled_from([None, "a"]), "return": st.sampled_from([None, "b"]), "periods": st.integers(1, 6),
})  # fmt: skip


def everything(rows):
    """(unit, µs, day) of each."""
    return [
        (row["person_id"], int(row["ts"].timestamp() * 1e6), row["ts"].astimezone(ZONE).date())
        for row in rows
    ]


@thoroughly
@given(histories=histories, drawn=drawn_questions)
def test_who_comes_back_agrees_with_the_reference(ledger, histories, drawn):
    rows = [at(hours, person, name) for person, events in enumerate(histories) for hours, name in events]
    raw = {name: value for name, value in drawn.items() if value is not None}
    raw["period"] = {"from": "2026-03-04", "to": "2026-04-05"}

    def seen(name):
        return [one for one, row in zip(everything(rows), rows, strict=True)
                if drawn.get(name) in (None, row["name"]) and one[2] <= date(2026, 4, 5)]  # fmt: skip

    q = retention.read_retention({"kind": "retention"} | raw, today=TODAY)
    starts = [one for one in seen("start") if q.cohorts == "first" or one[2] >= q.scope.first]
    expected = reference.retention(q, starts, seen("return"))
    found = answered(ledger, retention, rows, **raw)
    assert {(row[0], row[2]): row[3] for row in found.rows if row[3]} == expected, raw
    raw = {name: raw[name] for name in ("every", "period")}
    found = answered(ledger, stickiness, None, **raw)
    assert {row[0]: row[1] for row in found.rows if row[1]} == reference.stickiness(q, seen("anything"))
    found = answered(ledger, lifecycle, None, **raw)
    assert {row[0]: row[2:6] for row in found.rows} == reference.lifecycle(q, seen("anything"))
    assert all(row[1] == sum(row[2:5]) for row in found.rows)
    found = answered(ledger, lifecycle, None, **raw, by="event")
    for name in {row["name"] for row in rows}:
        own = [one for one, row in zip(everything(rows), rows, strict=True) if row["name"] == name]
        expected = {bucket: counts for bucket, counts in reference.lifecycle(q, own).items() if any(counts)}
        assert {row[0]: row[3:7] for row in found.rows if row[1] == name and any(row[3:7])} == expected
