"""What a trend makes of its series: formulas, running totals, moving averages, comparison, per account."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store import events_table
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.formula import computed, names_of
from bihuan.understand.engine.trend import plans_of_trend, read_trend, shape_trend
from bihuan.understand.explore.tests.conftest import MONDAY, TODAY

PERIOD = {"from": "2026-03-02", "to": "2026-03-05"}


def on(day, name="a", **more):
    return {"name": name, "ts": MONDAY + timedelta(days=day, hours=1)} | more


def asked(ledger, rows, **raw):
    q = read_trend({"kind": "trend", "period": PERIOD} | raw, today=TODAY)
    if rows is not None:
        ledger.fill(rows)
    plans = plans_of_trend(q, events=events_table(), reach={}, internal_source=0)
    found = {name: ledger.table(plan) for name, plan in plans.items()}
    return shape_trend(q, found=found, zone="Asia/Shanghai", today=TODAY)


def column(answer, place=-1):
    return [row[place] for row in answer.rows]


ROWS = [on(0), on(0), on(0, "b"), on(1), on(2, "b"), on(3), on(3), on(3), on(3, "b"), on(-2), on(-4, "b")]


def test_several_series_stand_side_by_side(ledger):
    found = asked(ledger, ROWS, series=[{"event": "a", "label": "all a"}, {"event": "b"}], every="all")
    assert found.rows == (("all", "all a", 6), ("all", "count of b", 3))


def test_a_formula_is_empty_where_it_divides_by_nought(ledger):
    pair = [{"event": "b"}, {"event": "a"}]
    assert column(asked(ledger, ROWS, series=pair, formula="A / B")) == [0.5, 0, None, pytest.approx(1 / 3)]
    running = asked(ledger, None, series=pair, formula="A / B", cumulative=True)
    assert column(running) == [0.5, pytest.approx(1 / 3), pytest.approx(2 / 3), 0.5]


def test_totals_run_and_averages_move(ledger):
    assert column(asked(ledger, ROWS, event="a", cumulative=True)) == [2, 3, 3, 6]
    assert column(asked(ledger, None, event="a", smooth=2)) == [None, 1.5, 0.5, 1.5]


def test_the_period_before_and_the_year_before_stand_beside(ledger):
    found = asked(ledger, [*ROWS, on(-365)], compare="previous")
    assert [row[1:] for row in found.rows] == [(3, 1, 2), (1, 0, None), (1, 1, 0), (4, 0, None)]
    assert "before: 2026-02-26 to 2026-03-01, bucket by bucket" in found.definition
    assert column(asked(ledger, None, compare="year"), 2) == [1, 0, 0, 0]


def test_a_measure_is_told_per_account(ledger):
    rows = [on(0, account_id=1), on(0, account_id=1), on(0, account_id=2), on(1)]
    assert column(asked(ledger, rows, per="account")) == [1.5, None, None, None]


def test_with_a_breakdown_each_value_has_its_own_formula(ledger):
    rows = [on(0, props={"v": "x"}), on(0, "b", props={"v": "x"}), on(0, "b", props={"v": "y"})]
    found = asked(
        ledger, rows, series=[{"event": "a"}, {"event": "b"}], formula="A + 2 * B", by="props.v", every="all"
    )
    assert found.rows == (("all", "x", 3), ("all", "y", 2))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"series": []}, "series"), ({"series": ["a"]}, "series[1]"), ({"series": [{"measure": "best"}]}, "series[1].measure"),
        ({"series": [{"event": "a"}], "event": "b"}, "event"), ({"formula": "B"}, "formula"), ({"formula": "A ** 2"}, "formula"),
        ({"formula": "__import__('os')"}, "formula"), ({"formula": "A.real"}, "formula"), ({"smooth": 1}, "smooth"),
        ({"cumulative": 1}, "cumulative"), ({"cumulative": True, "measure": "people"}, "cumulative"),
        ({"compare": "previous", "every": "hour"}, "compare"), ({"compare": "month"}, "compare"), ({"per": "team"}, "per"),
    ],
)  # fmt: skip
def test_a_wrong_trend_names_the_field(more, field):
    with pytest.raises(QuestionError) as refused:
        read_trend({"kind": "trend"} | more, today=TODAY)
    assert refused.value.field == field


numbers = st.one_of(st.none(), st.floats(-100, 100))


@given(a=numbers, b=numbers)
def test_a_formula_computes_what_it_says(a, b):
    text = "-A * (B + 2.5) / (B - 1)"
    assert names_of(text, field="formula") == {"A", "B"}
    if a is None or b is None or b == 1:
        assert computed(text, {"A": a, "B": b}) is None
    else:
        assert computed(text, {"A": a, "B": b}) == pytest.approx(-a * (b + 2.5) / (b - 1))
