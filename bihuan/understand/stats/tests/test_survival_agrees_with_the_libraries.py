"""Kaplan–Meier, log-rank, Cox and concordance against statsmodels, brute force and the published numbers of a known set."""

import csv
from functools import cache
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from bihuan.understand.stats.cox import TooLittle, concordance, cox
from bihuan.understand.stats.design import Feature
from bihuan.understand.stats.survival import kaplan_meier, log_rank

CHURN = Path(__file__).resolve().parents[4] / "examples" / "pysurvival_b2b_saas_churn" / "churn.csv"
lives = st.lists(
    st.tuples(st.integers(0, 12), st.booleans(), st.sampled_from("abc")), min_size=1, max_size=60
)


@cache
def churn() -> dict[str, list]:
    with CHURN.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def months() -> tuple[np.ndarray, np.ndarray]:
    return np.array(churn()["months_active"], dtype=float), np.array(churn()["churned"], dtype=float) == 1


def test_the_known_set_gives_its_known_numbers() -> None:
    curve = kaplan_meier(*months())
    assert (curve.n, curve.events.sum()) == (2000, 932)
    assert curve.median == 6
    assert [round(curve.at(t)[0], 4) for t in (1, 3, 6, 12)] == [0.9285, 0.6133, 0.4778, 0.2436]


@given(lives)
def test_a_curve_is_statsmodels_curve(rows: list) -> None:
    durations, happened, _groups = zip(*rows, strict=True)
    assume(any(happened))
    ours = kaplan_meier(durations, happened)
    theirs = SurvfuncRight(durations, np.array(happened, dtype=int))
    kept = np.isin(theirs.surv_times, ours.times)
    assert ours.survival == pytest.approx(theirs.surv_prob[kept], abs=1e-12)
    assert (theirs.n_risk[kept] == ours.at_risk).all()
    assert (np.diff(ours.survival) < 0).all()
    inside = ours.survival > 1e-12
    assert (ours.low[inside] <= ours.survival[inside] + 1e-12).all()
    assert (ours.survival[inside] <= ours.high[inside] + 1e-12).all()
    assert (ours.low[inside] >= 0).all() and (ours.high[inside] <= 1).all()


def test_the_interval_is_the_one_of_the_complementary_logarithm() -> None:
    durations, happened = months()
    ours = kaplan_meier(durations, happened)
    theirs = SurvfuncRight(durations, happened.astype(int))
    for time, low, high in zip(ours.times, ours.low, ours.high, strict=True):
        place = list(theirs.surv_times).index(time)
        s, error = theirs.surv_prob[place], theirs.surv_prob_se[place]
        if s <= 0:
            assert isnan(low) and isnan(high)
            continue
        middle, reach = np.log(-np.log(s)), 1.959964 * error / abs(s * np.log(s))
        assert (low, high) == pytest.approx(
            (np.exp(-np.exp(middle + reach)), np.exp(-np.exp(middle - reach))), rel=1e-5
        )


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    dice = np.random.default_rng(11)
    held = 0
    for _ in range(1000):
        life, seen = dice.exponential(10, 120), dice.uniform(2, 30, 120)
        found = kaplan_meier(np.minimum(life, seen), life <= seen).at(7.0)
        held += found is not None and found[1] <= np.exp(-0.7) <= found[2]
    assert held / 1000 == pytest.approx(0.95, abs=0.02)


def test_a_curve_knows_its_ends() -> None:
    curve = kaplan_meier([2, 4, 4, 9], [True, False, True, False])
    assert curve.at(1) == (1, 1, 1, 4)
    assert curve.at(9)[0] == curve.at(4)[0] == pytest.approx(0.75 * 2 / 3)
    assert curve.at(9.5) is None, "beyond the longest nothing is known"
    assert curve.median == 4
    assert kaplan_meier([1, 2], [False, False]).median is None
    assert kaplan_meier([], []).at(0) is None
    assert curve.median_interval[1] is None or curve.median_interval[1] >= 4
    for wrong in ([-1.0], [float("nan")]):
        with pytest.raises(ValueError, match="leave such units out"):
            kaplan_meier(wrong, [True])
    with pytest.raises(ValueError, match="durations and"):
        kaplan_meier([1.0], [True, False])


@given(lives)
def test_the_log_rank_test_is_statsmodels(rows: list) -> None:
    durations, happened, groups = (np.array(column) for column in zip(*rows, strict=True))
    ours = log_rank(durations, happened, groups)
    assert sum(ours.observed.values()) == pytest.approx(sum(ours.expected.values())) == happened.sum()
    if ours.degrees == 0 or not happened.any():
        assert isnan(ours.p_value)
        return
    try:
        statistic, p_value = survdiff(durations, happened.astype(int), groups)
    except np.linalg.LinAlgError:
        return  # statsmodels inverts what cannot be inverted; ours takes the pseudo-inverse
    if abs(statistic) < 1e6 and statistic > -1e-9 and p_value == p_value:
        assert ours.statistic == pytest.approx(statistic, rel=1e-6, abs=1e-7)


def test_the_log_rank_test_sees_payroll_and_keeps_its_level() -> None:
    durations, happened = months()
    payroll = log_rank(durations, happened, churn()["product_payroll"])
    assert payroll.degrees == 2 and payroll.p_value < 1e-50
    dice = np.random.default_rng(12)
    found = [
        log_rank(dice.exponential(5, 150), dice.random(150) < 0.7, dice.integers(0, 3, 150)).p_value < 0.05
        for _ in range(1000)
    ]
    assert np.mean(found) == pytest.approx(0.05, abs=0.02)


def test_cox_is_statsmodels_and_finds_what_was_planted() -> None:
    dice = np.random.default_rng(13)
    use, plan = dice.normal(50, 20, 1500), dice.choice(["free", "pro", "team"], 1500, p=[0.5, 0.3, 0.2])
    rate = 0.1 * np.exp(-0.02 * (use - 50) + 0.7 * (plan == "team"))
    life, seen = dice.exponential(1 / rate), dice.uniform(1, 30, 1500)
    durations, happened = np.minimum(life, seen), life <= seen
    model = cox(durations=durations, happened=happened, columns={"use": list(use), "plan": list(plan)})
    by = {hazard.feature: hazard for hazard in model.hazards}
    assert set(by) == {
        Feature(name="use"),
        Feature(name="plan", value="pro"),
        Feature(name="plan", value="team"),
    }
    assert by[Feature(name="use")].low < np.exp(-0.02) < by[Feature(name="use")].high < 1
    assert (
        by[Feature(name="plan", value="team")].low < np.exp(0.7) < by[Feature(name="plan", value="team")].high
    )
    assert by[Feature(name="plan", value="pro")].p_value > 0.01
    matrix = np.column_stack([use, plan == "pro", plan == "team"]).astype(float)
    theirs = PHReg(durations, matrix, status=happened.astype(int), ties="efron").fit()
    assert [h.ratio for h in model.hazards] == pytest.approx(np.exp(theirs.params), rel=1e-5)
    assert [h.p_value for h in model.hazards] == pytest.approx(theirs.pvalues, rel=1e-3, abs=1e-12)
    assert 0.6 < model.concordance < 0.8


def test_cox_on_the_known_set_reads_texts_against_the_most_frequent() -> None:
    columns = {name: churn()[name] for name in ("product_payroll", "product_accounting", "us_region")}
    columns["csat_score"] = [float(value) for value in churn()["csat_score"]]
    columns["always"] = ["yes"] * 2000
    model = cox(durations=months()[0], happened=months()[1], columns=columns)
    payroll = {h.feature.value: h for h in model.hazards if h.feature.name == "product_payroll"}
    assert "Active" not in payroll and payroll["No"].low > 1
    assert model.left_out == {"always": "constant"}
    assert (model.n, model.events) == (2000, 932) and model.concordance > 0.65


def test_cox_refuses_what_the_rows_cannot_carry() -> None:
    durations, happened = list(range(40)), [True] * 40
    with pytest.raises(TooLittle, match="no column varies"):
        cox(durations=durations, happened=happened, columns={"a": [1.0] * 40})
    with pytest.raises(TooLittle, match="3 events"):
        cox(durations=durations, happened=[True] * 3 + [False] * 37, columns={"a": durations})
    with pytest.raises(TooLittle, match="tell the same"):
        cox(durations=durations, happened=happened, columns={"a": durations, "b": [2 * d for d in durations]})
    with pytest.raises(TooLittle, match="does not settle"):
        cox(
            durations=durations,
            happened=happened,
            columns={"a": [float(d < 20) for d in durations], "c": durations},
        )


@given(lives, st.randoms(use_true_random=False))
def test_concordance_counts_the_pairs(rows: list, dice) -> None:
    durations, happened, _groups = (np.array(column) for column in zip(*rows, strict=True))
    risk = np.array([dice.randint(0, 3) for _ in rows], dtype=float)
    right = pairs = 0.0
    for i in range(len(rows)):
        for j in range(len(rows)):
            if happened[i] and durations[i] < durations[j]:
                pairs += 1
                right += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
    found = concordance(durations, happened, risk)
    assert found == pytest.approx(right / pairs) if pairs else isnan(found)
