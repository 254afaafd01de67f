"""Before and after: quantiles that know of cases which still run, intervals that hold what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.mining.rules.comparing import Cases, _Draws, cases_of, compared
from bihuan.act.mining.rules.figures import done_again
from bihuan.act.mining.tests.logs import HOUR_US, log_of
from bihuan.understand.stats.survival import kaplan_meier

CASES = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40)


def cases(days, ended=None, account=None, late=None) -> Cases:
    n = len(days)
    yes = np.ones(n, np.bool_)
    happened = np.zeros(n, np.bool_) if late is None else np.asarray(late, np.bool_)
    return Cases(
        days=np.asarray(days, np.float64), ended=yes if ended is None else np.asarray(ended, np.bool_),
        account=np.full(n, -1) if account is None else np.asarray(account), shares={"late": (yes, happened)},
    )  # fmt: skip


@given(rows=CASES)
def test_the_median_is_that_of_kaplan_and_meier(rows) -> None:
    days, ended = [row[0] for row in rows], [row[1] for row in rows]
    value, _drawn = _Draws(cases(days, ended), np.random.default_rng(1)).days(0.5)
    expected = kaplan_meier(days, ended).median
    assert value == (np.inf if expected is None else expected)


def test_it_works() -> None:
    random = np.random.default_rng(3)
    slow, fast = random.exponential(10, 300), random.exponential(5, 300)
    rows = {row.name: row for row in compared(cases(slow, late=slow > 15), cases(fast, late=fast > 15))}
    assert rows["days_p50"].better == "yes"
    assert rows["days_p50"].difference == pytest.approx(np.median(fast) - np.median(slow), abs=0.2)
    assert rows["late"].better == "yes"
    assert rows["late"].before == (slow > 15).mean()
    back = {row.name: row for row in compared(cases(fast), cases(slow))}
    assert back["days_p50"].better == "no"


def test_cases_that_still_run_do_not_make_a_version_look_fast() -> None:
    """Both are as slow; of the new one only the fast cases have ended by now."""
    random = np.random.default_rng(5)
    days = random.exponential(10, 400)
    now = np.minimum(days, 6)
    row = compared(cases(days), cases(now, ended=days <= 6))[0]
    assert row.better == "unsure"
    naive = np.median(days[days <= 6]) - np.median(days)
    assert naive < -4
    assert row.after is None or abs(row.difference) < 2


def test_a_version_of_which_little_has_ended_has_no_median() -> None:
    row = compared(cases([5, 6, 7]), cases([1, 1, 1], ended=[False, False, False]))[0]
    assert (row.after, row.low, row.better) == (None, None, "unsure")


def test_one_customer_with_many_cases_is_one_customer() -> None:
    """The same numbers: by case the difference is certain, by account it is not."""
    days = np.concatenate([np.full(50, 4.0), np.full(50, 9.0)])
    accounts = np.repeat([1, 2], 50)
    other = np.concatenate([np.full(50, 3.0), np.full(50, 5.0)])
    alone = compared(cases(days), cases(other), seed=1)[1]
    grouped = compared(cases(days, account=accounts), cases(other, account=accounts), seed=1)[1]
    assert alone.better == "yes"
    assert grouped.high - grouped.low > alone.high - alone.low


def test_intervals_of_no_difference_hold_zero_about_as_often_as_they_promise() -> None:
    random = np.random.default_rng(11)
    held = {"days_p50": 0, "late": 0}
    for seed in range(120):
        first, second = (random.exponential(8, 80) for _ in range(2))
        for row in compared(cases(first, late=first > 10), cases(second, late=second > 10), seed=seed):
            if row.name in held:
                held[row.name] += row.low <= 0 <= row.high
    assert 0.9 <= held["days_p50"] / 120 <= 1
    assert 0.9 <= held["late"] / 120 <= 1


def test_what_a_log_gives() -> None:
    steps = {
        "a": [{"activity": "x", "at": 24, "limited": True, "late": True}, {"activity": "x", "at": 48}],
        "b": [{"activity": "x", "at": 12}],
    }
    log = log_of(steps, ended=[True, False])
    found = cases_of(log, deviated=np.asarray([False, True]), again=done_again(log), now_us=240 * HOUR_US)
    assert found.days.tolist() == [2, 10]
    assert [applies.tolist() for applies, _ in found.shares.values()] == [
        [True, False],
        [True, True],
        [True, True],
    ]
    assert [happened.tolist() for _, happened in found.shares.values()] == [
        [True, False],
        [True, False],
        [False, True],
    ]
