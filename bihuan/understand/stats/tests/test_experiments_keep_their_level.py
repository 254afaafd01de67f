"""Simulated experiments in which nothing was changed: how often a method says that something was."""

import numpy as np
import pytest

from bihuan.understand.stats.comparison import compare
from bihuan.understand.stats.estimates import Estimate, proportion_of, ratio_of
from bihuan.understand.stats.moments import moments_of
from bihuan.understand.stats.sequential import always_valid, tuning

TESTS, ACCOUNTS = 2000, 400


def a_a_tests(lift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(conversions, persons) of TESTS × ACCOUNTS; the second half of the accounts is the treatment. An account's
    persons share its own rate, as customers do."""
    dice = np.random.default_rng(20)
    persons = np.ceil(dice.lognormal(2.3, 0.7, (TESTS, ACCOUNTS))).astype(int)
    rates = dice.beta(2, 6, (TESTS, ACCOUNTS))
    rates[:, ACCOUNTS // 2 :] += lift
    return dice.binomial(persons, np.clip(rates, 0, 1)), persons


def false_positives(conversions: np.ndarray, persons: np.ndarray) -> tuple[float, float]:
    """Share of tests with p < 0.05: clustered by account, and with every person on its own."""
    half, clustered, alone = ACCOUNTS // 2, 0, 0
    for y, x in zip(conversions, persons, strict=True):
        arms = [ratio_of(moments_of(y[part], x[part])) for part in (slice(half), slice(half, None))]
        clustered += compare(*arms).p_value < 0.05
        singles = [
            proportion_of(successes=int(y[part].sum()), n=int(x[part].sum()))
            for part in (slice(half), slice(half, None))
        ]
        alone += compare(*singles).p_value < 0.05
    return clustered / len(persons), alone / len(persons)


def test_clustered_by_account_five_in_a_hundred_and_by_person_many_more() -> None:
    clustered, alone = false_positives(*a_a_tests())
    assert clustered == pytest.approx(0.05, abs=0.01)
    assert alone > 0.25, "the t-test per person calls chance a result, and the simulation shows it"


def test_an_effect_that_is_there_is_seen() -> None:
    clustered, _alone = false_positives(*(part[:300] for part in a_a_tests(lift=0.08)))
    assert clustered > 0.8


DAYS, A_DAY = 40, 60


def looked_at_daily(
    *, shift: float = 0.0, tests: int = 1000, by: str = "sequential"
) -> tuple[float, float, np.ndarray]:
    """Share of tests that were ever significant; share in which every day's interval held the truth; day of the first."""
    dice = np.random.default_rng(21)
    sums = dice.exponential(1.0, (tests, 2, DAYS, A_DAY))
    sums[:, 1] += shift
    n = np.arange(1, DAYS + 1) * A_DAY
    total, squares = sums.sum(axis=3).cumsum(axis=2), (sums**2).sum(axis=3).cumsum(axis=2)
    means = total / n
    variances = (squares - total * means) / (n - 1) / n
    ever, held, first = 0, 0, []
    for mean, variance in zip(means, variances, strict=True):
        days = []
        for day in range(DAYS):
            a, b = (Estimate(value=mean[i, day], variance=variance[i, day], n=int(n[day])) for i in (0, 1))
            days.append(always_valid(a, b, planned=2 * DAYS * A_DAY) if by == "sequential" else compare(a, b))
        hits = [day for day, found in enumerate(days) if found.p_value < 0.05]
        ever += bool(hits)
        first += hits[:1]
        held += all(found.low <= shift <= found.high for found in days)
    return ever / tests, held / tests, np.array(first)


def test_sequential_mode_keeps_its_level_though_everybody_looks_every_day() -> None:
    ever, held, _first = looked_at_daily()
    assert ever <= 0.05
    assert held >= 0.95


def test_a_fixed_test_does_not_survive_daily_looks() -> None:
    ever, _held, _first = looked_at_daily(tests=400, by="fixed")
    assert ever > 0.15


def test_sequential_mode_sees_an_effect_and_stops_early() -> None:
    ever, held, first = looked_at_daily(shift=0.15, tests=300)
    assert ever > 0.9
    assert held >= 0.93
    assert np.median(first) < DAYS * 0.75


def test_the_interval_and_the_p_value_say_the_same() -> None:
    for gap in np.linspace(0, 0.6, 40):
        a, b = Estimate(value=1.0, variance=0.01, n=400), Estimate(value=1.0 + gap, variance=0.012, n=380)
        found = always_valid(a, b, planned=1000)
        assert (found.p_value < 0.05) == (found.low > 0)
        assert found.high - found.low > compare(a, b).high - compare(a, b).low, "always valid costs width"


def test_the_interval_is_narrowest_where_it_was_planned_to_be() -> None:
    def width(n: int, planned: int) -> float:
        arm = Estimate(value=0.0, variance=2 / n, n=n // 2)
        found = always_valid(arm, arm, planned=planned)
        return found.high - found.low

    assert width(1000, 1000) < width(1000, 100) and width(1000, 1000) < width(1000, 20_000)
    assert width(1000, 1000) == pytest.approx(min(width(1000, p) for p in range(500, 2000, 20)), rel=0.01)
    assert tuning(n=400) == pytest.approx(tuning(n=100) / 2)


def test_sequential_mode_says_when_there_is_too_little() -> None:
    one = Estimate(value=1.0, variance=float("nan"), n=1)
    assert np.isnan(always_valid(one, one, planned=10).p_value)
