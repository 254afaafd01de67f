"""Backtests: split by time, clustered intervals, honest choices, lists and lead times; scorers as plain documents."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from bihuan.understand.stats import scorers
from bihuan.understand.stats.auc import auc_gain, auc_of
from bihuan.understand.stats.backtest import (
    Panel,
    TooLittle,
    at_capacity,
    backtest,
    folds_of,
    knows_the_future,
    lead_time,
    lift_of,
    on_list,
    roc_of,
)
from bihuan.understand.stats.calibration import calibration_of, platt, sigmoid
from bihuan.understand.stats.scorers import UnreadableScorer, fit_logistic, fit_trees, read_scorer

DAYS = tuple(range(0, 360, 30))


def panel_of(rng, *, accounts=400, days=DAYS, effect=2.0, names=("silent", "fall", "noise")) -> Panel:
    """Accounts with a lasting quality; the second column tells of the loss, the first one a little of the second."""
    size = accounts * len(days)
    account, day = np.tile(np.arange(accounts), len(days)), np.repeat(np.array(days), accounts)
    quality = np.tile(rng.normal(size=accounts), len(days))
    fall = quality + rng.normal(size=size)
    did = rng.random(size) < sigmoid(-3 + effect * quality)
    matrix = np.column_stack([0.2 * fall + rng.normal(size=size), fall, rng.normal(size=size)])
    matrix[rng.random(size) < 0.1, 2] = np.nan
    event = np.where(did, rng.integers(1, 10, size) * 10.0, np.nan)
    return Panel(
        features=names, matrix=matrix, account=account, day=day, did=did, event=event, naive="silent"
    )


def test_nothing_is_learnt_from_a_day_whose_horizon_had_not_passed():
    panel = panel_of(np.random.default_rng(1))
    folds = folds_of(panel, horizon=90)
    assert 1 <= len(folds) <= 4
    judged = [set(panel.day[test].tolist()) for _learn, test in folds]
    for learn, test in folds:
        assert panel.day[learn].max() + 90 <= panel.day[test].min()
        assert not (learn & test).any()
    assert sum(len(days) for days in judged) == len(set().union(*judged)), "a day is judged once"


def test_a_signal_is_found_and_the_simpler_of_equals_is_used():
    found = backtest(panel=panel_of(np.random.default_rng(2)), horizon=90, capacity=20)
    assert found.verdict == "usable"
    assert found.chosen == "logistic", "trees cannot do better where the truth is linear"
    assert found.candidates["logistic"].gain.low > 0
    assert found.calibration.error < 0.05
    assert len(found.probability) == len(found.panel.did) == sum(rows for _d, rows, _p, _a in found.by_day)


def test_noise_is_called_too_little_signal():
    found = backtest(panel=panel_of(np.random.default_rng(3), effect=0.0), horizon=90, capacity=20)
    assert found.verdict == "weak"
    assert found.area.low <= 0.55


def test_fewer_than_thirty_losses_are_too_little_however_well_they_are_ranked():
    few = panel_of(np.random.default_rng(4), accounts=40, effect=3.0)
    rare = few.rows(~few.did | (np.cumsum(few.did) <= 25))
    found = backtest(panel=rare, horizon=30, capacity=5)
    assert found.area.positives < 30
    assert found.verdict == "few"


def test_without_losses_nothing_can_be_judged():
    panel = panel_of(np.random.default_rng(5), accounts=50)
    none = Panel(features=panel.features, matrix=panel.matrix, account=panel.account, day=panel.day,
                 did=np.zeros(len(panel.did), bool), event=panel.event, naive="silent")  # fmt: skip
    with pytest.raises(TooLittle, match="horizon"):
        backtest(panel=none, horizon=90, capacity=5)


def test_a_column_that_knows_the_future_is_named_by_its_value_and_by_its_being_there():
    panel = panel_of(np.random.default_rng(6))
    ended = np.where(panel.did, panel.day + panel.event, np.nan)
    told = np.column_stack([panel.matrix, panel.did.astype(float), ended])
    more = Panel(features=(*panel.features, "state", "ends_on"), matrix=told, account=panel.account, day=panel.day,
                 did=panel.did, event=panel.event, naive="silent")  # fmt: skip
    assert knows_the_future(panel=panel) == []
    assert knows_the_future(panel=more) == ["state", "ends_on"]


def test_the_interval_is_wider_when_accounts_repeat():
    rng = np.random.default_rng(7)
    panel = panel_of(rng)
    plain = auc_of(labels=panel.did, scores=panel.matrix[:, 1])
    clustered = auc_of(labels=panel.did, scores=panel.matrix[:, 1], groups=panel.account)
    assert clustered.variance > 1.5 * plain.variance


def test_the_gain_of_a_score_over_itself_is_nothing_and_its_interval_holds_its_level():
    rng = np.random.default_rng(8)
    truth = rng.random(400) < 0.3
    score = truth + rng.normal(size=400)
    same = auc_gain(labels=truth, scores=score, over=score)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    wrong = 0
    for _ in range(300):
        truth = rng.random(300) < 0.3
        a, b = truth + rng.normal(size=(2, 300))
        gain = auc_gain(labels=truth, scores=a, over=b)
        wrong += gain.low > 0 or gain.high < 0
    assert wrong / 300 < 0.09


def test_a_kept_logistic_says_what_the_library_says():
    rng = np.random.default_rng(9)
    matrix = rng.normal(size=(800, 3))
    truth = rng.random(800) < sigmoid(matrix[:, 0] - 1)
    scorer = read_scorer(
        json.loads(json.dumps(fit_logistic(matrix=matrix, did=truth, features=("a", "b", "c")).document))
    )
    low, high, middle = (np.quantile(matrix, q, axis=0) for q in (scorers.TAIL, 1 - scorers.TAIL, 0.5))
    known = np.clip(matrix, low, high) - middle
    model = LogisticRegression(C=scorers.PENALTY, max_iter=300).fit(known / known.std(axis=0), truth)
    assert scorer.log_odds(matrix) == pytest.approx(
        model.decision_function(known / known.std(axis=0)), abs=1e-6
    )
    parts = scorer.contributions(matrix)
    assert parts.sum(axis=1) + scorer.document["bias"] == pytest.approx(scorer.log_odds(matrix))


@pytest.mark.parametrize("whole", [float, int])
def test_kept_trees_say_what_the_library_says_with_values_missing(whole):
    """Also when the database gives 1e300, the threshold of a split on what is missing, back as a whole number (`whole`)."""
    rng = np.random.default_rng(10)
    matrix = rng.normal(size=(1_500, 4))
    matrix[rng.random((1_500, 4)) < 0.2] = np.nan
    truth = rng.random(1_500) < sigmoid(
        np.nan_to_num(matrix[:, 0]) * np.nan_to_num(matrix[:, 1]) - 1 + 3 * np.isnan(matrix[:, 3])
    )
    kept = json.dumps(fit_trees(matrix=matrix, did=truth, features=tuple("abcd")).document)
    assert "1e+300" in kept
    scorer = read_scorer(
        json.loads(kept, parse_float=lambda text: whole(float(text)) if "e+" in text else float(text))
    )
    model = HistGradientBoostingClassifier(
        max_iter=scorers.TREES, learning_rate=scorers.RATE, max_leaf_nodes=scorers.LEAVES, min_samples_leaf=20,
        l2_regularization=1.0, early_stopping=False, random_state=0,
    ).fit(matrix, truth)  # fmt: skip
    assert sigmoid(scorer.log_odds(matrix)) == pytest.approx(model.predict_proba(matrix)[:, 1], abs=1e-6)


@pytest.mark.parametrize("harm", [
    {"kind": "pickle"}, {"bias": float("nan")}, {"typical": [0.0]}, {"weights": ["x", 1.0]}, {"features": []},
])  # fmt: skip
def test_a_document_that_was_tampered_with_is_refused(harm):
    rng = np.random.default_rng(11)
    whole = fit_logistic(matrix=rng.normal(size=(100, 2)), did=rng.random(100) < 0.5, features=("a", "b"))
    with pytest.raises((UnreadableScorer, ValueError)):
        read_scorer({**whole.document, **harm})


def test_a_tree_that_leads_round_in_a_ring_is_refused():
    ring = [[0, 0.5, 0, 0, 0, 0.0, 0]]
    document = {
        "kind": "trees",
        "features": ["a"],
        "typical": [0.0],
        "low": [0.0],
        "high": [1.0],
        "bias": 0.0,
        "trees": [ring],
    }
    with pytest.raises(UnreadableScorer, match="nowhere"):
        read_scorer(document)


def test_a_list_holds_the_highest_of_each_day():
    day = np.array([1, 1, 1, 2, 2])
    listed = on_list(day=day, score=np.array([0.1, 0.9, 0.5, 0.2, 0.3]), capacity=1)
    assert listed.tolist() == [False, True, False, False, True]
    did = np.array([True, True, False, False, False])
    at = at_capacity(did=did, listed=listed, capacity=1)
    assert (at.precision, at.recall, at.base) == (0.5, 0.5, 0.4)


def test_lead_time_counts_from_the_first_warning_and_names_the_missed():
    did = np.array([True, True, True, False])
    panel = Panel(features=("a",), matrix=np.zeros((4, 1)), account=np.array([1, 1, 2, 3]), day=np.array([0, 30, 30, 30]),
                  did=did, event=np.array([80.0, 50.0, 20.0, np.nan]), naive="a")  # fmt: skip
    lead = lead_time(panel, listed=np.array([True, True, False, True]))
    assert (lead.days, lead.median, lead.missed) == ((80.0,), 80.0, 1)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_scale_keeps_the_order_and_is_right_on_average(seed):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=400) * 2
    truth = rng.random(400) < sigmoid(0.5 * score - 1)
    said = platt(labels=truth, scores=score).probabilities(score)
    assert (np.diff(said[np.argsort(score)]) >= 0).all()
    assert said.mean() == pytest.approx(truth.mean(), abs=0.01)
    assert calibration_of(labels=truth, probabilities=said).error < 0.12
    for curve in (lift_of(did=truth, score=score), roc_of(did=truth, score=score)):
        assert curve[0] == (0.0, 0.0)
        assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(curve))
