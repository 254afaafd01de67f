"""p-values of several treatments agree with statsmodels, their intervals say what they say, and no treatment is called by chance."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from bihuan.understand.stats.bayes import believed
from bihuan.understand.stats.comparison import compare
from bihuan.understand.stats.estimates import Estimate, mean_of
from bihuan.understand.stats.moments import moments_of
from bihuan.understand.stats.multiple import holm, level_of_each, together
from bihuan.understand.stats.sequential import always_valid

P = st.floats(0, 1)
VALUES = st.lists(st.floats(-3, 3), min_size=1, max_size=9)


@settings(max_examples=20)  # statsmodels takes a twentieth of a second for each
@given(st.lists(P, min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    _calls, expected, *_ = multipletests(p_values, alpha=0.05, method="holm")
    found = holm(p_values)
    assert found == pytest.approx(list(expected))
    assert all(p >= alone for p, alone in zip(found, p_values, strict=True))


def test_what_could_not_be_compared_still_counts_as_looked_at() -> None:
    found = holm([0.02, float("nan"), 0.04])
    assert found[0] == pytest.approx(0.06) and isnan(found[1]) and found[2] == pytest.approx(0.08)


@given(VALUES, st.floats(0.8, 0.99))
def test_an_interval_holds_nought_when_p_does_not_decide_and_never_else(
    values: list[float], level: float
) -> None:
    each = level_of_each(level=level, comparisons=len(values))
    control = Estimate(value=1.0, variance=0.2, n=300)
    for made in (compare, lambda *arms, level: always_valid(*arms, planned=600, level=level)):
        found = [
            made(control, Estimate(value=1 + value, variance=0.2, n=300), level=each) for value in values
        ]
        for before, after in zip(found, together(found, level=level), strict=True):
            decided = after.p_value < 1 - level
            beyond = after.low >= 0 or after.high <= 0
            assert beyond == decided or abs(before.p_value - (1 - level)) < 1e-9
            assert before.low <= after.low <= after.difference <= after.high <= before.high


def false_calls(*, treatments: int, by: str, tests: int = 1500, n: int = 120) -> float:
    """Share of experiments without any effect in which some treatment is called better or worse; of beliefs, better."""
    dice = np.random.default_rng(31)
    each, called = level_of_each(level=0.95, comparisons=treatments), 0
    for _test in range(tests):
        arms = [mean_of(moments_of(dice.exponential(1.0, n))) for _arm in range(treatments + 1)]
        if by == "bayesian":
            called += any(believed(arms[0], arm).chance >= each for arm in arms[1:])
            continue
        found = [compare(arms[0], arm, level=each) for arm in arms[1:]]
        called += any(one.p_value < 0.05 for one in (found if by == "alone" else together(found, level=0.95)))
    return called / tests


def test_five_variants_without_effect_are_called_one_time_in_twenty_together() -> None:
    assert false_calls(treatments=5, by="alone") > 0.12, "each alone finds something far too often"
    assert false_calls(treatments=5, by="together") <= 0.06
    assert false_calls(treatments=5, by="bayesian") <= 0.06
