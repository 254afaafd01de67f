"""Bayesian comparison against draws, the sample-ratio check against scipy, and what the numbers come to."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bihuan.understand.stats.bayes import believed, believed_proportions
from bihuan.understand.stats.comparison import compare
from bihuan.understand.stats.estimates import Estimate
from bihuan.understand.stats.sample_ratio import counted, in_one_variant, sample_ratio
from bihuan.understand.stats.verdict import CODES, reading_of, reading_of_belief, verdict_of


@pytest.mark.parametrize(
    ("control", "treatment"),
    [((17, 238), (45, 238)), ((0, 10), (1, 12)), ((4800, 10000), (4850, 10000)), ((9, 9), (2, 9))],
)
def test_beliefs_about_shares_are_what_drawing_shows(
    control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    dice = np.random.default_rng(8)
    a, b = (dice.beta(1 + s, 1 + n - s, 400_000) for s, n in (control, treatment))
    gap = b - a
    ours = believed_proportions(control=control, treatment=treatment)
    scale = gap.std()
    assert ours.chance == pytest.approx((gap > 0).mean(), abs=0.004)
    assert ours.difference == pytest.approx(gap.mean(), abs=0.01 * scale)
    assert ours.loss == pytest.approx(np.maximum(-gap, 0).mean(), abs=0.01 * scale)
    assert ours.loss_of_control == pytest.approx(np.maximum(gap, 0).mean(), abs=0.01 * scale)
    assert (ours.low, ours.high) == pytest.approx(np.quantile(gap, [0.025, 0.975]), abs=0.03 * scale)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_the_chances_of_both_arms_add_to_one(s1: int, f1: int, s2: int, f2: int) -> None:
    there = believed_proportions(control=(s1, s1 + f1), treatment=(s2, s2 + f2))
    back = believed_proportions(control=(s2, s2 + f2), treatment=(s1, s1 + f1))
    assert there.chance + back.chance == pytest.approx(1, abs=1e-3)
    assert there.loss == pytest.approx(back.loss_of_control, abs=1e-6)
    assert there.low <= there.difference <= there.high and there.loss >= 0


def test_beliefs_with_normal_errors_are_what_drawing_shows_and_a_prior_pulls_to_nothing() -> None:
    a, b = Estimate(value=10.0, variance=0.04, n=500), Estimate(value=10.3, variance=0.05, n=480)
    gap = np.random.default_rng(9).normal(0.3, 0.3, 1_000_000)
    ours = believed(a, b)
    assert ours.chance == pytest.approx((gap > 0).mean(), abs=0.002)
    assert ours.loss == pytest.approx(np.maximum(-gap, 0).mean(), abs=0.001)
    assert (ours.low, ours.high) == pytest.approx(stats.norm.interval(0.95, 0.3, 0.3))
    pulled = believed(a, b, prior_sd=0.3)
    assert pulled.difference == pytest.approx(0.15) and pulled.high - pulled.low < ours.high - ours.low
    assert np.isnan(believed(replace(a, variance=0.0), replace(b, variance=0.0)).chance)


@given(st.lists(st.integers(0, 5000), min_size=2, max_size=5))
def test_the_sample_ratio_is_scipys(counts: list[int]) -> None:
    weights = {f"v{i}": float(i + 1) for i in range(len(counts))}
    observed = dict(zip(weights, counts, strict=True))
    ours = sample_ratio(observed=observed, weights=weights)
    if not sum(counts):
        assert ours.p_value == 1 and not ours.flagged
        return
    theirs = stats.chisquare(counts, [ours.expected[name] for name in weights])
    assert ours.statistic == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue)
    assert ours.flagged == (theirs.pvalue < 0.01)


def test_the_sample_ratio_is_flagged_one_time_in_a_hundred_when_all_is_well() -> None:
    heads = np.random.default_rng(10).binomial(2000, 0.5, 5000)
    flags = [
        sample_ratio(observed={"a": int(n), "b": 2000 - int(n)}, weights={"a": 1, "b": 1}).flagged
        for n in heads
    ]
    assert np.mean(flags) == pytest.approx(0.01, abs=0.004)
    assert sample_ratio(observed={"a": 1100, "b": 900}, weights={"a": 1, "b": 1}).flagged
    assert sample_ratio(observed={"a": 1000}, weights={"a": 1, "b": 1}).flagged, "a variant that nobody got"


def test_units_in_two_variants_are_counted_and_left_out() -> None:
    rows = pa.table({"unit": [1, 1, 2, 3, 3, 4], "variant": ["a", "a", "b", "a", "b", "b"]})
    kept, doubled = in_one_variant(rows)
    assert doubled == 1
    assert kept["unit"].to_pylist() == [1, 1, 2, 4]
    assert counted(kept["variant"]) == {"a": 2, "b": 2}


GOOD = sample_ratio(observed={"a": 500, "b": 500}, weights={"a": 1, "b": 1})
BAD = sample_ratio(observed={"a": 700, "b": 300}, weights={"a": 1, "b": 1})


def reading(gap: float, *, sd: float = 0.1, metric: str = "conversion", higher_is_better: bool = True):
    arms = (Estimate(value=1 + move, variance=sd**2 / 2, n=500) for move in (0.0, gap))
    return reading_of(compare(*arms), metric=metric, higher_is_better=higher_is_better)


def test_a_verdict_names_the_most_pressing_thing_first() -> None:
    units = {"a": 500, "b": 500}
    up, down, none = reading(0.5), reading(-0.5, metric="tickets"), reading(0.01)

    def code(**given) -> str:
        verdict = verdict_of(**{"primary": up, "ratio": GOOD, "units": units, **given})
        assert verdict.code in CODES
        return verdict.code

    assert code() == "better"
    assert code(ratio=BAD, units={"a": 1, "b": 1}) == "sample_ratio"
    assert code(units={"a": 500, "b": 29}, guard_rails=(down,)) == "too_few"
    assert code(guard_rails=(up, down)) == "guard_rail"
    assert code(primary=down) == "worse"
    assert code(primary=none) == "undecided"
    assert code(primary=none, matters=0.5) == "too_small_to_matter"
    assert code(primary=none, matters=0.1) == "undecided"
    assert code(primary=reading(-0.5, higher_is_better=False)) == "better", "fewer tickets are good"
    said = verdict_of(primary=up, guard_rails=(up, down), ratio=GOOD, units=units)
    assert said.numbers["metric"] == "tickets" and said.numbers["difference"] == pytest.approx(-0.5)


def test_a_belief_is_decided_by_its_chance() -> None:
    sure = believed(Estimate(value=1.0, variance=0.01, n=50), Estimate(value=2.0, variance=0.01, n=50))
    assert reading_of_belief(sure, metric="m").better == 1
    assert reading_of_belief(sure, metric="m", higher_is_better=False).better == -1
    open_ = believed(Estimate(value=1.0, variance=0.01, n=50), Estimate(value=1.1, variance=0.01, n=50))
    assert reading_of_belief(open_, metric="m").better == 0
