"""The simulation against queueing theory, and what it takes from a log."""

from math import exp, factorial, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.mining.rules.measuring import measured_of, shared_out
from bihuan.act.mining.rules.simulating import Change, Measured, Turn, tried
from bihuan.act.mining.tests.logs import HOUR_US, log_of


def erlang(arrivals: float, served: float, people: int) -> tuple[float, float]:
    """The chance to wait and the 90th percentile of waiting in a queue M/M/c (Erlang C; Gross and Harris, ch. 2)."""
    load = arrivals / served
    first = load**people / factorial(people) * people / (people - load)
    wait = first / (sum(load**n / factorial(n) for n in range(people)) + first)
    return wait, max(0.0, log(wait / 0.1) / (people * served - arrivals))


def one_step(*, gap: float, work: float, people: int, n: int = 20_000) -> Measured:
    random = np.random.default_rng(2)
    cases = tuple((Turn(step="a", work=float(one)),) for one in random.exponential(work, n))
    return Measured(
        gaps=tuple(random.exponential(gap, n)), cases=cases, pool_of={"a": "x"}, people={"x": people}
    )


@pytest.mark.parametrize(("gap", "work", "people"), [(60, 90, 2), (60, 30, 1), (60, 200, 4)])
def test_it_works(gap, work, people) -> None:
    found = tried(one_step(gap=gap, work=work, people=people), Change(step="a", people=1), cases=4_000)
    for outcome, hands in ((found.today, people), (found.then, people + 1)):
        _wait, p90 = erlang(1 / gap, 1 / work, hands)
        assert outcome.waiting["a"][1] == pytest.approx(p90, rel=0.15, abs=8)
        assert outcome.busy["x"] == pytest.approx(work / gap / hands, abs=0.03)
    assert found.low > 0


def test_the_share_that_waits_is_erlangs() -> None:
    wait, _p90 = erlang(1 / 60, 1 / 90, 2)
    found = tried(one_step(gap=60, work=90, people=2), Change(), cases=4_000)
    median = log(wait / 0.5) / (2 / 90 - 1 / 60)
    assert exp(-(2 / 90 - 1 / 60) * median) * wait == pytest.approx(0.5)
    assert found.today.waiting["a"][0] == pytest.approx(median, rel=0.25)
    assert (found.saved, found.low, found.high) == (0, 0, 0)


def test_steps_of_one_role_share_their_people_and_one_who_is_added_helps_only_there() -> None:
    case = (Turn(step="a", work=50), Turn(step="b", work=50, after=0))
    measured = Measured(gaps=(110.0,), cases=(case,), pool_of={"a": "x", "b": "x"}, people={"x": 1})
    found = tried(measured, Change(step="b", people=1), runs=2, cases=200)
    assert found.today.busy["x"] == pytest.approx(100 / 110, abs=0.02)
    assert found.today.whole[0] == 100
    fewer = tried(measured, Change(step="a", people=-3), runs=2, cases=200)
    assert fewer.then.whole == fewer.today.whole


def test_parallel_turns_wait_for_what_they_follow_only() -> None:
    case = (Turn(step="a", work=10), Turn(step="b", work=30), Turn(step="c", work=5, after=1, pause=100))
    measured = Measured(
        gaps=(1_000.0,), cases=(case,), pool_of={"a": "x", "b": "y", "c": "x"}, people={"x": 1, "y": 1}
    )
    found = tried(measured, Change(arrivals=2, work=2, step="a"), runs=1, cases=50)
    assert found.today.whole[0] == 135
    assert found.then.whole[0] == 60 + 100 + 10


def test_without_cases_nothing_is_simulated() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        tried(Measured(gaps=(), cases=(), pool_of={}, people={}), Change())


SPANS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 10), st.sampled_from(["wei", "mei"])), min_size=1, max_size=8
)


@given(spans=SPANS)
def test_time_on_several_items_at_once_is_shared_out(spans) -> None:
    steps = sorted(({"activity": "x", "at": begin + length, "work": length * 3_600, "who": who} for begin, length, who in spans),
                   key=lambda one: one["at"])  # fmt: skip
    found = shared_out(log_of({"one": steps}))
    for place, one in enumerate(steps):
        begin = one["at"] - one["work"] // 3_600
        own = sum(
            1
            / sum(
                other["who"] == one["who"] and other["at"] - other["work"] // 3_600 <= hour < other["at"]
                for other in steps
            )
            for hour in range(begin, one["at"])
        )
        assert found[place] == pytest.approx(own / (one["at"] - begin))


def test_what_a_log_gives() -> None:
    hour = 3_600
    steps = {
        "a": [{"activity": "ask", "at": 2, "work": hour, "waiting": hour, "who": "wei"},
              {"activity": "machine", "at": 2, "who": "system"},
              {"activity": "do", "at": 9, "work": 2 * hour, "waiting": 0, "who": "mei"}],
        "b": [{"activity": "ask", "at": 12, "work": hour, "waiting": 0, "who": "mei"}],
        "runs": [],
    }  # fmt: skip
    log_ = log_of(steps, ended=[True, True, False])
    found = measured_of(log_, role=log_.activity, between=lambda begin, end: (end - begin) / 1_000_000)
    assert found.gaps == (0.0,)
    first, second = found.cases
    assert [(one.step, one.work, one.after, one.pause) for one in first] == [
        ("ask", hour, -1, 0.0), ("do", 2 * hour, 0, 5 * hour),
    ]  # fmt: skip
    assert second[0].pause == 11 * hour
    assert found.people == {"0": 2, "2": 1}
    assert hour * 1_000_000 == HOUR_US
