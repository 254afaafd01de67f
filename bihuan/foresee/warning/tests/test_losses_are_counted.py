"""What is a loss, which days are learnt from, and what would change a risk: pure rules."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.foresee.warning import rules
from bihuan.understand.stats.calibration import Scale
from bihuan.understand.stats.scorers import fit_logistic

LAST = date(2026, 11, 17)


def losses(*revenue: float, horizon: int = 30, contraction: int = 30) -> rules.Losses:
    """One account, its revenue every ten days from the snapshot on."""
    return rules.losses_at(
        revenue=np.array(revenue, float).reshape(-1, 1), place=0, horizon=horizon, contraction=contraction
    )


@pytest.mark.parametrize(("revenue", "lost", "after"), [
    ((100, 100, 100, 0), True, 30), ((100, 0, 0, 0), True, 10), ((100, 100, 70, 70), True, 20), ((100, 100, 100, 71), False, None),
    ((100, 0, 100, 100), False, None), ((100, 60, 100, 60), True, 30), ((100, np.nan, np.nan, np.nan), True, 10),
])  # fmt: skip
def test_a_loss_lasts_to_the_end_of_the_horizon_and_begins_when_it_begins_to_last(revenue, lost, after):
    found = losses(*revenue)
    assert found.paid.tolist() == [True]
    assert found.lost.tolist() == [lost]
    assert (found.after[0] == after) if lost else np.isnan(found.after[0])


def test_who_pays_nothing_on_the_day_is_out():
    found = losses(0, 0, 0, 0)
    assert (found.paid.tolist(), found.lost.tolist()) == ([False], [False])
    assert losses(np.nan, 100, 100, 100).paid.tolist() == [False]


@given(st.sampled_from([30, 60, 90, 180]), st.integers(0, 1_500))
def test_every_horizon_of_a_plan_has_passed_and_use_never_overlaps(horizon, ago):
    plan = rules.plan_of(last=LAST, horizon=horizon, first=LAST - timedelta(days=ago))
    assert all(day + timedelta(days=horizon) <= LAST for day in plan.snapshots)
    assert len(plan.snapshots) <= rules.MOST_SNAPSHOTS
    days = (*plan.before, *plan.snapshots)
    assert all((b - a).days == rules.STEP for a, b in pairwise(days))
    for day in plan.snapshots:
        assert day >= LAST - timedelta(days=ago)
        place = plan.checks.index(day)
        assert plan.checks[place + horizon // rules.CHECK] == day + timedelta(days=horizon)


def test_a_measure_that_a_model_learnt_from_and_that_is_gone_is_unknown_of_everybody():
    days = [{"mrr": np.array([10.0, 20.0]), "active_days": np.array([1.0, 2.0])} for _day in range(4)]
    names = ("mrr", "mrr.past", "people_in_touch", "features.past", rules.SOON)
    found = rules.features_at(columns=days, names=names, horizon=90)
    assert found[:, :2].tolist() == [[10.0, 0.0], [20.0, 0.0]]
    assert np.isnan(found[:, 2:]).all()


def test_against_its_own_past_needs_a_past():
    now = np.array([5.0, 5.0, 5.0, np.nan, 500.0])
    past = [np.array([10.0, np.nan, 0.0, 10.0, 1.0]), np.array([10.0, np.nan, 0.0, 10.0, 1.0])]
    assert rules.against(now, past)[[0, 4]].tolist() == [-0.5, 3.0]
    assert np.isnan(rules.against(now, past)[[1, 2, 3]]).all()


def test_the_renewal_is_soon_within_the_horizon_and_unknown_without_one():
    column = {rules.ANNIVERSARY: np.array([90.0, 91.0, np.nan])}
    soon = rules.features_at(columns=[column], names=[rules.SOON], horizon=90)[:, 0]
    assert soon[:2].tolist() == [1.0, 0.0]
    assert np.isnan(soon[2])


def test_what_this_room_said_is_never_learnt_from():
    names = rules.feature_names(["mrr", "risk", "active_people"])
    assert names == ("mrr", "active_people", "active_people.past", "mrr.past")


def test_reasons_raise_the_risk_and_changes_lower_it():
    rng = np.random.default_rng(1)
    matrix = np.column_stack([rng.normal(5, 2, 2_000), rng.normal(10, 3, 2_000)])
    did = rng.random(2_000) < 1 / (1 + np.exp(3 - 0.8 * (matrix[:, 0] - 5) + 0.6 * (matrix[:, 1] - 10)))
    names = ("open_tickets", "active_people")
    scorer, scale = fit_logistic(matrix=matrix, did=did, features=names), Scale()
    bad, good = np.array([[10.0, 4.0]]), np.array([[1.0, 16.0]])
    (why,) = rules.reasons_of(scorer=scorer, matrix=bad)
    assert {name for name, _value, _adds in why} == set(names)
    assert all(adds > 0 for _name, _value, adds in why)
    assert rules.reasons_of(scorer=scorer, matrix=good) == [[]]
    targets = rules.targets_of(features=names, matrix=matrix, did=did)
    assert targets["open_tickets"] < 5 < 10 < targets["active_people"]
    (changes,) = rules.changes_of(scorer=scorer, scale=scale, matrix=bad, targets=targets)
    before = scale.probabilities(scorer.log_odds(bad))[0]
    assert [name for name, *_rest in changes] == sorted(
        (name for name, *_rest in changes), key=lambda name: next(c[3] for c in changes if c[0] == name)
    )
    assert all(after < before for *_rest, after in changes)
    assert rules.changes_of(scorer=scorer, scale=scale, matrix=good, targets=targets) == [[]]


def test_the_line_lies_where_the_teams_week_ends():
    assert [rules.band_of(rank, capacity=2) for rank in range(1, 6)] == [
        "list",
        "list",
        "next",
        "next",
        "rest",
    ]
    assert rules.capacity_of_a_step(weekly=5) == 21
