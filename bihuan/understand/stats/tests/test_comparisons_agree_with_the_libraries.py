"""Moments, estimates, comparisons and power against scipy, statsmodels and plain counting."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from bihuan.understand.stats.comparison import compare, compare_proportions, wilson
from bihuan.understand.stats.estimates import Estimate, cuped, linear_of, mean_of, proportion_of, ratio_of
from bihuan.understand.stats.moments import moments_of, pooled
from bihuan.understand.stats.power import (
    design_effect,
    intraclass_correlation,
    minimal_effect,
    minimal_effect_on_share,
    power_of,
    sample_size,
    sample_size_of_shares,
)

numbers = st.floats(-1e6, 1e6)


def test_a_mean_is_compared_as_scipy_compares_it() -> None:
    dice = np.random.default_rng(1)
    a, b = dice.normal(10, 3, 200), dice.normal(10.6, 5, 150)
    ours = compare(mean_of(moments_of(a)), mean_of(moments_of(b)))
    theirs = stats.ttest_ind(b, a, equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert ours.statistic == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue)
    assert ours.degrees == pytest.approx(theirs.df)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_shares_are_compared_as_statsmodels_compares_them(n1: int, n2: int, data: st.DataObject) -> None:
    s1, s2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    ours = compare_proportions(control=(s1, n1), treatment=(s2, n2))
    if 0 < s1 + s2 < n1 + n2:
        statistic, p_value = proportions_ztest([s2, s1], [n2, n1])
        assert ours.statistic == pytest.approx(statistic, abs=1e-9)
        assert ours.p_value == pytest.approx(p_value, abs=1e-12)
    else:
        assert isnan(ours.p_value)
    low, high = confint_proportions_2indep(s2, n2, s1, n1, method="newcomb")
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=1e-9)
    assert (
        -1 <= ours.low <= ours.difference + 1e-12 and ours.difference <= ours.high + 1e-12 and ours.high <= 1
    )
    assert wilson(successes=s1, n=n1) == pytest.approx(proportion_confint(s1, n1, method="wilson"), abs=1e-9)


@given(st.lists(numbers, min_size=2, max_size=30), st.lists(numbers, min_size=2, max_size=30))
def test_days_added_together_are_the_days_counted_at_once(first: list[float], second: list[float]) -> None:
    apart = pooled(moments_of(first, np.square(first)), moments_of(second, np.square(second)))
    whole = first + second
    at_once = moments_of(whole, np.square(whole))
    assert apart.n == at_once.n
    assert apart.means == pytest.approx(at_once.means, rel=1e-9, abs=1e-6)
    scale = np.abs(at_once.covariance).max() + 1
    assert apart.covariance / scale == pytest.approx(at_once.covariance / scale, abs=1e-9)


def test_moments_add_to_nothing_and_refuse_what_is_no_number() -> None:
    some = moments_of([1.0, 2.0])
    assert pooled(moments_of([]), some) is some and pooled(some, moments_of([])) is some
    with pytest.raises(ValueError, match="not finite"):
        moments_of([1.0, float("nan")])


def test_a_ratio_whose_rows_are_single_persons_is_a_plain_mean() -> None:
    dice = np.random.default_rng(2)
    y = dice.exponential(4, 500)
    plain, ratio = mean_of(moments_of(y)), ratio_of(moments_of(y, np.ones(500)))
    assert (ratio.value, ratio.variance) == pytest.approx((plain.value, plain.variance))


def test_the_variance_of_a_ratio_of_sums_is_what_resampling_accounts_shows() -> None:
    dice = np.random.default_rng(3)
    persons = dice.integers(1, 40, 300)
    conversions = dice.binomial(persons, dice.beta(2, 5, 300))
    ours = ratio_of(moments_of(conversions, persons))
    drawn = dice.integers(0, 300, (4000, 300))
    ratios = conversions[drawn].sum(axis=1) / persons[drawn].sum(axis=1)
    assert ours.value == conversions.sum() / persons.sum()
    assert sqrt(ours.variance) == pytest.approx(ratios.std(), rel=0.05)
    naive = sqrt(ours.value * (1 - ours.value) / persons.sum())
    assert sqrt(ours.variance) > 1.5 * naive, "persons of one account were made alike"


def test_cuped_of_means_is_the_regression_on_the_past() -> None:
    dice = np.random.default_rng(4)
    before = dice.normal(20, 5, (2, 400))
    now = before * 0.8 + dice.normal(0, 3, (2, 400)) + np.array([[0.0], [1.0]])
    ones = np.ones(400)
    arms = {name: moments_of(now[i], ones, before[i], ones) for i, name in enumerate(("a", "b"))}
    adjusted = cuped(arms)
    centred_now, centred_before = (x - x.mean(axis=1, keepdims=True) for x in (now, before))
    theta = (centred_now * centred_before).sum() / (centred_before**2).sum()
    assert adjusted.theta == pytest.approx(theta)
    by_hand = now[1] - theta * (before[1] - before.mean())
    assert adjusted.arms["b"].value == pytest.approx(by_hand.mean())
    assert adjusted.arms["b"].variance == pytest.approx(by_hand.var(ddof=1) / 400)
    assert adjusted.reduction == pytest.approx(np.corrcoef(before[0], now[0])[0, 1] ** 2, abs=0.05)
    plain = compare(ratio_of(arms["a"]), ratio_of(arms["b"]))
    better = compare(adjusted.arms["a"], adjusted.arms["b"])
    assert better.high - better.low < 0.75 * (plain.high - plain.low)


def test_cuped_without_a_past_changes_nothing() -> None:
    rows = moments_of([1.0, 0.0, 2.0], [3.0, 4.0, 5.0], [0.0] * 3, [0.0] * 3)
    adjusted = cuped({"a": rows, "b": rows})
    assert adjusted.theta == 0 and adjusted.reduction == 0
    assert adjusted.arms["a"] == ratio_of(rows)


def test_relative_change_is_what_resampling_shows() -> None:
    dice = np.random.default_rng(5)
    a, b = dice.exponential(10, 800), dice.exponential(12, 800)
    ours = compare(mean_of(moments_of(a)), mean_of(moments_of(b)))
    drawn = dice.integers(0, 800, (2, 4000, 800))
    changes = b[drawn[1]].mean(axis=1) / a[drawn[0]].mean(axis=1) - 1
    assert ours.relative == pytest.approx(b.mean() / a.mean() - 1)
    assert (ours.relative_low, ours.relative_high) == pytest.approx(
        np.quantile(changes, [0.025, 0.975]), abs=0.02
    )


def test_what_cannot_be_compared_says_so() -> None:
    nothing = proportion_of(successes=0, n=0)
    some = Estimate(value=1.0, variance=0.1, n=20)
    assert isnan(compare(nothing, some).p_value) and isnan(compare(some, nothing).low)
    assert isnan(compare_proportions(control=(0, 0), treatment=(1, 2)).p_value)
    assert isnan(ratio_of(moments_of([1.0, 1.0], [0.0, 0.0])).value)
    alike = compare(Estimate(value=2.0, variance=0.0, n=9), Estimate(value=2.0, variance=0.0, n=9))
    assert isnan(alike.p_value) and alike.low == alike.high == 0
    assert compare(Estimate(value=0.0, variance=1.0, n=9), some).relative is None
    with pytest.raises(ValueError, match="successes"):
        proportion_of(successes=3, n=2)
    assert linear_of(moments_of([1.0, 3.0], [2.0, 2.0]), [1.0, -1.0]).value == 0


@settings(max_examples=50)
@given(st.floats(0.02, 0.8), st.floats(0.5, 20), st.floats(0.5, 3), st.floats(0.55, 0.99))
def test_the_number_of_units_is_statsmodels(size: float, sd: float, ratio: float, power: float) -> None:
    effect = size * sd
    first, second = sample_size(effect=effect, variance=sd**2, ratio=ratio, power=power)
    theirs = NormalIndPower().solve_power(effect_size=effect / sd, alpha=0.05, power=power, ratio=ratio)
    assert first == pytest.approx(theirs, rel=0.01, abs=1.5)
    assert second == pytest.approx(first * ratio, abs=1 + ratio)
    assert power_of(effect=effect, variance=sd**2, n=first, ratio=ratio) >= power - 1e-9
    assert minimal_effect(variance=sd**2, n=first, ratio=ratio, power=power) <= effect * (1 + 1e-9)


@given(st.floats(0.02, 0.8), st.integers(200, 100_000))
def test_what_a_share_can_show_leads_back_to_the_number_of_units(share: float, n: int) -> None:
    effect = minimal_effect_on_share(share=share, n=n)
    if effect is None:
        assert n < 2000
        return
    first, _second = sample_size_of_shares(share=share, effect=effect)
    assert first == pytest.approx(n, rel=1e-6, abs=1)


def test_power_is_the_share_of_experiments_that_see_the_effect() -> None:
    dice = np.random.default_rng(6)
    n, _same = sample_size_of_shares(share=0.2, effect=0.05, power=0.8)
    seen = [
        compare_proportions(control=(int(a), n), treatment=(int(b), n)).p_value < 0.05
        for a, b in zip(dice.binomial(n, 0.2, 3000), dice.binomial(n, 0.25, 3000), strict=True)
    ]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.03)


def test_clusters_cost_units_by_kish() -> None:
    assert design_effect(sizes=np.full(50, 20.0), correlation=0.1) == pytest.approx(1 + 19 * 0.1)
    assert design_effect(sizes=np.array([1.0, 39.0]), correlation=0.1) > 1 + 19 * 0.1, (
        "uneven clusters cost more"
    )
    plain = sample_size(effect=1, variance=9)[0]
    assert sample_size(effect=1, variance=9, design=2.9)[0] == pytest.approx(2.9 * plain, abs=3)
    with pytest.raises(ValueError, match="effect of 0"):
        sample_size(effect=0, variance=1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        sample_size_of_shares(share=0.9, effect=0.2)


def test_the_correlation_within_accounts_is_found_again() -> None:
    dice = np.random.default_rng(7)
    sizes = dice.integers(5, 40, 600)
    account = np.repeat(np.arange(600), sizes)
    values = dice.normal(0, 1, 600)[account] * sqrt(0.3) + dice.normal(0, sqrt(0.7), len(account))
    sums, squares = (np.bincount(account, weights=w) for w in (values, values**2))
    assert intraclass_correlation(sizes=sizes, sums=sums, squares=squares) == pytest.approx(0.3, abs=0.04)
    shuffled = dice.permutation(values)
    sums, squares = (np.bincount(account, weights=w) for w in (shuffled, shuffled**2))
    assert intraclass_correlation(sizes=sizes, sums=sums, squares=squares) < 0.02
    assert isnan(intraclass_correlation(sizes=np.ones(3), sums=np.ones(3), squares=np.ones(3)))
