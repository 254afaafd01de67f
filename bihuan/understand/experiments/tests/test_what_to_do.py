"""What to do follows from the verdicts and from whether it may be looked at yet; how many units it takes, and how long."""

from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtr

from bihuan.understand.experiments.rules import Advice, advice_of, days_until, units_needed
from bihuan.understand.stats.estimates import Estimate
from bihuan.understand.stats.multiple import level_of_each
from bihuan.understand.stats.power import power_of
from bihuan.understand.stats.sequential import always_valid, reach_at_plan
from bihuan.understand.stats.verdict import CODES

METHODS = st.sampled_from(["fixed", "sequential", "bayesian"])
NUMBERS = {
    "metric": "m",
    "difference": 0.1,
    "low": -0.1,
    "high": 0.3,
    "sure": 0.2,
    "units": 10,
    "least": 30,
    "p_value": 0.1,
}


def verdict(code: str, **numbers: float) -> dict:
    return {**NUMBERS, "code": code, **numbers}


def advice(*codes: str, method: str = "sequential", units: int = 500, planned: int = 1000, **more) -> Advice:
    verdicts = {f"v{n}": verdict(code) for n, code in enumerate(codes)}
    seen = {"control": units} | dict.fromkeys(verdicts, units)
    return advice_of(verdicts=verdicts, units=seen, method=method, planned=planned, **more)


@given(
    st.lists(st.sampled_from(CODES), min_size=1, max_size=4), METHODS, st.integers(0, 5000), st.integers(20, 20_000),
    st.none() | st.floats(0.001, 1),
)  # fmt: skip
def test_every_advice_is_one_that_its_numbers_allow(codes, method, units, planned, matters) -> None:
    found = advice(*codes, method=method, units=units, planned=planned, matters=matters)
    total = units * (len(codes) + 1)
    assert (found.action == "repair") == ("sample_ratio" in codes), (
        "a broken assignment stands above everything"
    )
    if found.action == "ship":
        assert "better" in codes and (method == "sequential" or total >= planned)
    if found.action == "stop":
        assert "better" not in codes and (method == "sequential" or total >= planned)
    assert (found.action == "wait") == (found.more is not None)
    assert found.more is None or found.more > 0
    if found.action == "wait" and "too_few" not in codes:
        assert total + found.more == planned, "one waits for the plan and no longer"
    if found.would_take is not None:
        assert found.would_take > total and matters is not None


def test_who_looks_before_a_fixed_end_is_told_to_wait_whatever_the_numbers_say() -> None:
    for code in ("better", "worse", "guard_rail", "undecided"):
        assert advice(code, method="fixed", planned=1200) == Advice(action="wait", why="planned", more=200)
        assert advice(code, method="sequential", planned=1200).why == code
    assert advice("better", method="fixed", planned=1000).action == "ship"


def test_of_several_better_ones_the_best_is_shipped() -> None:
    verdicts = {
        "a": verdict("better", difference=0.1),
        "b": verdict("better", difference=-0.3),
        "c": verdict("worse"),
    }
    found = advice_of(
        verdicts=verdicts, units={"control": 9, "a": 9, "b": 9, "c": 9}, method="fixed", planned=30
    )
    assert (found.action, found.variant) == ("ship", "b"), (
        "of a metric where lower is better the difference is negative"
    )


def test_what_could_not_be_told_says_what_it_would_take() -> None:
    found = advice("undecided", units=500, planned=1000, matters=0.05)
    assert (found.action, found.why) == ("stop", "undecided")
    assert found.would_take == 1000 * (0.2 / 0.05) ** 2, "half the width of the interval is 0.2"
    assert advice("undecided", units=500, planned=1000).would_take is None
    assert advice("too_small_to_matter", "worse", units=500, planned=1000).why == "none_better"


def test_the_small_arm_gets_its_units_as_slowly_as_its_weight_says() -> None:
    found = advice_of(
        verdicts={"a": verdict("too_few", units=10, least=50)}, units={"control": 90, "a": 10}, method="sequential",
        planned=1000, weights=(9, 1),
    )  # fmt: skip
    assert (found.why, found.more) == ("too_few", 400), "of ten units one comes to the arm that lacks forty"


def test_too_few_units_wait_for_those_that_an_arm_lacks() -> None:
    assert advice("too_few", units=10, planned=1000) == Advice(
        action="wait", why="too_few", variant="v0", more=40
    )
    varies_not = advice_of(
        verdicts={"a": verdict("too_few", units=50)},
        units={"control": 500, "a": 500},
        method="fixed",
        planned=1000,
    )
    assert (varies_not.action, varies_not.why) == ("stop", "too_few")


@given(
    st.floats(0.01, 0.99),
    st.floats(0.005, 0.5),
    st.lists(st.integers(1, 20), min_size=2, max_size=5),
    st.floats(0.5, 0.95),
)
def test_the_needed_units_see_the_effect_with_the_asked_power(share, effect, weights, power) -> None:
    assume(share + effect < 0.995)
    moved = share + effect
    variances = (share * (1 - share), moved * (1 - moved))
    found = units_needed(effect=effect, variances=variances, weights=weights, power=power)
    assert len(found.units) == len(weights)
    control, least = found.units[0], min(found.units[1:])
    has = power_of(
        effect=effect,
        variance=variances[0],
        variance_treatment=variances[1],
        n=control,
        ratio=least / control,
        level=level_of_each(level=0.95, comparisons=len(weights) - 1),
    )
    assert has >= power - 1e-6
    fewer = power_of(
        effect=effect,
        variance=variances[0],
        variance_treatment=variances[1],
        n=control * 0.9,
        ratio=least / control,
        level=level_of_each(level=0.95, comparisons=len(weights) - 1),
    )
    assert min(control, least) < 40 or fewer < power, "and not many more than needed"


@given(st.floats(0.5, 0.95), st.floats(0.1, 5), st.floats(0.01, 1))
def test_looking_at_any_time_costs_units_that_give_the_same_power_at_the_end(power, spread, effect) -> None:
    found = units_needed(
        effect=effect, variances=(spread, spread), weights=(1, 1), sequential=True, power=power
    )
    error = sqrt(spread / found.units[0] + spread / found.units[1])
    assert ndtr(effect / error - reach_at_plan()) >= power - 1e-6
    plain = units_needed(effect=effect, variances=(spread, spread), weights=(1, 1), power=power)
    assert found.total > plain.total


def test_the_reach_at_the_planned_end_is_that_of_the_interval() -> None:
    arms = [Estimate(value=value, variance=0.01, n=500) for value in (1.0, 1.2)]
    found = always_valid(*arms, planned=1000)
    assert (found.high - found.difference) / sqrt(0.02) == pytest.approx(reach_at_plan())
    assert reach_at_plan() == pytest.approx(3.035, abs=0.001)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=4), st.integers(1, 1000))
def test_days_rise_with_units_and_fit_what_came(steps, units) -> None:
    came = [sum(steps[: n + 1]) for n in range(len(steps))]
    arrivals = list(zip((7, 14, 28, 56), came, strict=False))
    found = days_until(units=units, arrivals=arrivals)
    assert (found is None) == (came[-1] < units)
    if found is not None:
        before = [days for days, n in arrivals if n < units]
        assert max(before, default=0) < found <= next(days for days, n in arrivals if n >= units)
        more = days_until(units=units + 1, arrivals=arrivals)
        assert more is None or more >= found
    assert all(a <= b for (_d, a), (_e, b) in pairwise(arrivals))


def test_people_of_accounts_are_counted_in_accounts() -> None:
    plain = units_needed(effect=0.1, variances=(0.25, 0.25), weights=(1, 1))
    clustered = units_needed(
        effect=0.1, variances=(0.25, 0.25), weights=(1, 1), design=1 + 9 * 0.05, cluster=10
    )
    assert clustered.total == pytest.approx(plain.total * 1.45 / 10, abs=2)
