"""The weekly plan keeps more revenue than two ways that teams use, with the same hours, over fifty companies."""

from dataclasses import replace

import pytest

from bihuan.act.plan.rules import Limits
from bihuan.config.simulation.quarter import CAUSES, PLAYS, START, Done, Play, gain, quarter, truth_of

#: Quick: prices and rounding, hardly any search; what is found is then rather too low.
QUICK = Limits(gap=0.1, seconds=0.1)


def test_the_plan_keeps_fifteen_percent_more_than_worst_health_or_biggest_customer_first() -> None:
    found = [quarter(seed=seed, accounts=400, minutes=150, limits=QUICK) for seed in range(50)]
    for way in ("worst health first", "biggest customer first"):
        mean, low, high = gain(found, over=way)
        assert low > 0.15, (way, mean, low, high)
    for one in found:
        assert all(0 < kept < one.at_risk for kept in one.kept.values())
        assert all(used <= 6 * 150 * 13 for used in one.minutes.values())


def test_one_seed_is_one_quarter() -> None:
    once, again = (
        quarter(seed=3, accounts=150, minutes=120, limits=replace(QUICK, seconds=9.0)) for _ in range(2)
    )
    assert once == again


def test_a_play_lowers_the_risk_of_its_cause_and_fades_with_it() -> None:
    truth = truth_of(seed=4, accounts=300)
    for cause in CAUSES:
        only = Play(name="only this", minutes={}, removes={cause: 0.5})
        worst = int(truth.by_cause[cause][:, START].argmax())
        before = truth.score(worst, START)
        after = truth.score(worst, START, done=[Done(play=only, day=START)])
        assert after <= before - 2.1 * 0.5 * float(truth.by_cause[cause][worst, START]) + 1e-9
        whole = Play(name="all of it", minutes={}, removes=dict.fromkeys(CAUSES, 1.0))
        assert truth.score(worst, START, done=[Done(play=whole, day=START)] * 2) == pytest.approx(
            float(truth.base[worst] - 0.75 * truth.fit[worst])
        )
    nothing = Play(name="nothing", minutes={}, removes={})
    assert truth.score(0, START + 30, done=[Done(play=nothing, day=START)]) == truth.score(0, START + 30)
    assert all(sum(play.minutes.values()) > 0 for play in PLAYS)
