"""Numbers that are computed of several — formulas, per account, moving averages — lead to those whom each is computed of."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bihuan.understand.engine import lifecycle, trend
from bihuan.understand.engine.formula import computed
from bihuan.understand.explore.tests.conftest import answered, thoroughly
from bihuan.understand.explore.tests.test_who_is_behind_a_number import as_events, drawn_events

fewer = settings(thoroughly, max_examples=min(25, thoroughly.max_examples))
times = st.sampled_from(["day", "week", "month"])
SERIES = [{"event": "a"}, {"event": "b", "measure": "people"}, {"event": "c", "measure": "accounts"}]


def drawn_number(answer, data, column):
    """(number, what `list` says) of a row of the answer that has one."""
    place = [one.name for one in answer.columns].index(column)
    told = [
        (row[place], cells[column])
        for row, cells in zip(answer.rows, answer.behind, strict=True)
        if row[place]
    ]
    assume(told)
    return data.draw(st.sampled_from(told))


def counted(found):
    """How many events there are in the list and beside it."""
    return (found.summary["events"] or 0) + sum(found.left_out.values())


@fewer
@given(
    data=st.data(),
    drawn=drawn_events,
    every=times,
    formula=st.sampled_from(["A + B", "A - C * 2", "(B + C) / A"]),
)
def test_a_formula_leads_to_a_list_for_each_of_its_series(ledger, data, drawn, every, formula):
    raw = {"every": every, "series": SERIES, "formula": formula}
    number, cell = drawn_number(answered(ledger, trend, as_events(drawn), **raw), data, "formula")
    first = answered(ledger, trend, None, **raw, list=cell)
    lists = {cell["of"]: first} | {
        one["of"]: answered(ledger, trend, None, **raw, list=one) for _title, one in first.also
    }
    assert set(lists) == {name for name in "ABC" if name in formula}
    values = {
        name: counted(found) if name == "A" else found.summary["units"] for name, found in lists.items()
    }
    assert computed(formula, values) == pytest.approx(number)
    assert all(title.startswith(f"{one['of']}: ") for title, one in first.also)


@fewer
@given(data=st.data(), drawn=drawn_events, every=times, per=st.sampled_from(["account", "person"]),
       measure=st.sampled_from(["count", "people", "accounts"]))  # fmt: skip
def test_a_number_per_account_leads_to_those_counted_and_those_divided_by(
    ledger, data, drawn, every, per, measure
):
    raw = {"every": every, "measure": measure, "per": per}
    number, cell = drawn_number(answered(ledger, trend, as_events(drawn), **raw), data, measure)
    below = answered(ledger, trend, None, **raw, list=cell)
    assert below.columns[0].name == per
    counts = {"people": "person", "accounts": "account"}.get(measure)
    also = {one["unit"]: answered(ledger, trend, None, **raw, list=one) for _title, one in below.also}
    assert set(also) == ({counts} - {per, None})
    above = counted(below) if counts is None else also.get(counts, below).summary["units"]
    assert above / below.summary["units"] == pytest.approx(number)


@fewer
@given(data=st.data(), drawn=drawn_events, every=times, width=st.integers(2, 4))
def test_a_moving_average_leads_to_everybody_of_its_window(ledger, data, drawn, every, width):
    raw = {"every": every, "smooth": width, "period": {"from": "2026-01-01", "to": "2026-03-29"}}
    number, cell = drawn_number(answered(ledger, trend, as_events(drawn), **raw), data, "count")
    found = answered(ledger, trend, None, **raw, list=cell)
    assert counted(found) == pytest.approx(number * width)
    assert any(line.startswith("its window: the buckets from ") for line in found.definition)


def test_the_window_of_months_begins_with_a_month():
    asked = trend.read_trend(
        {"kind": "trend", "every": "month", "smooth": 3, "list": {"bucket": "2026-03-01"}},
        today=date(2026, 4, 1),
    )
    assert trend.window_begin(asked, asked.listed) == date(2026, 1, 1)


@fewer
@given(data=st.data(), drawn=drawn_events, every=times, state=st.sampled_from(["active", *lifecycle.STATES]))
def test_the_total_of_life_cycles_lists_each_unit_once(ledger, data, drawn, every, state):
    raw = {"every": every, "by": "event"}
    answer = answered(ledger, lifecycle, as_events(drawn), **raw)
    cell = data.draw(st.sampled_from(answer.behind))[state] if answer.behind else {}
    assume(cell)
    one = answered(ledger, lifecycle, None, **raw, list=cell)
    ((title, total),) = one.also
    assert title == "units of all series" and "series" not in total
    found = answered(ledger, lifecycle, None, **raw, list=total)
    each = [
        {row[0] for row in answered(ledger, lifecycle, None, **raw, list=row_cell[state]).rows}
        for row_cell in answer.behind if row_cell[state]["bucket"] == cell["bucket"]
    ]  # fmt: skip
    listed = [row[0] for row in found.rows]
    assert set(listed) == set().union(*each)
    assert len(listed) == len(set(listed)) == found.summary["units"]


def test_a_formula_of_constants_has_nobody_behind_it(ledger):
    drawn = [(n, 1, 1, "a", None, 1) for n in range(3)]
    answer = answered(ledger, trend, as_events(drawn), every="day", formula="1 + 1")
    assert all(cells == {} for cells in answer.behind) and len(answer.rows) > timedelta(days=1).days
