"""The estimates of plays against a world whose truth is known: docs/SIMULATION.md says how it is made."""

import numpy as np
import pytest

from bihuan.act.plays.rules import arm_of
from bihuan.understand.stats.holdout import (
    Measured,
    bound_at_all_times,
    held_out,
    matched,
    pooled_effects,
)

SEEDS = 200
#: (accounts that meet the trigger in a year, hold-out in percent, chance of the goal without the play, effect)
SIZES = [
    (120, 10, 0.25, 0.10),
    (400, 10, 0.35, 0.08),
    (400, 20, 0.10, 0.05),
    (1500, 10, 0.60, -0.04),
    (3000, 5, 0.30, 0.0),
]


def a_year(*, seed: int, accounts: int, hold_out: int, base: float, effect: float, declined: float = 0.25):
    """Accounts differ (their chance is beta about `base`), a quarter of proposals is declined and then does nothing; the effect
    is that of offering the play, so those who are confirmed move by effect ÷ (1 − declined)."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(base * 6, (1 - base) * 6, accounts)
    arms = [arm_of(play=f"play{seed}", account_id=one, hold_out=hold_out) for one in range(accounts)]
    done = (np.array(arms) == "treated") & (rng.random(accounts) > declined)
    shift = np.where(done, effect / (1 - declined), 0.0)
    # The realised effect on offer differs from `effect` where a chance would leave [0, 1]; the truth is what was added.
    moved = np.clip(chance + effect / (1 - declined), 0, 1) - chance
    truth = float(moved.mean() * (1 - declined))
    reached = rng.random(accounts) < np.clip(chance + shift, 0, 1)
    counts = {
        arm: (int(reached[[one == arm for one in arms]].sum()), sum(one == arm for one in arms))
        for arm in ("treated", "held")
    }
    return counts, truth


@pytest.mark.parametrize(("accounts", "hold_out", "base", "effect"), SIZES)
def test_the_interval_covers_the_true_effect(
    accounts: int, hold_out: int, base: float, effect: float
) -> None:
    inside = 0
    for seed in range(SEEDS):
        counts, truth = a_year(seed=seed, accounts=accounts, hold_out=hold_out, base=base, effect=effect)
        found = held_out(treated=counts["treated"], held=counts["held"])
        inside += found.low <= truth <= found.high
    assert inside >= 0.9 * SEEDS


def test_pooling_twelve_plays_is_nearer_to_the_truth_and_still_covers_it() -> None:
    alone = together = 0.0
    inside = number = 0
    for seed in range(SEEDS):
        rng = np.random.default_rng(10_000 + seed)
        truths, effects = {}, {}
        for place in range(12):
            accounts = int(rng.integers(60, 600))
            assumed = 0.06
            counts, truth = a_year(
                seed=seed * 100 + place,
                accounts=accounts,
                hold_out=10,
                base=0.3,
                effect=float(rng.normal(0.05, 0.04)),
            )
            compared = held_out(treated=counts["treated"], held=counts["held"])
            truths[str(place)] = truth
            effects[str(place)] = Measured(
                assumed=assumed, difference=compared.difference, error=compared.error
            )
        found = pooled_effects(effects)
        for name, truth in truths.items():
            alone += (effects[name].difference - truth) ** 2
            together += (found[name].value - truth) ** 2
            inside += abs(found[name].value - truth) <= 1.96 * found[name].error
            number += 1
    assert together < 0.6 * alone
    assert inside >= 0.9 * number


def test_a_harmless_play_is_almost_never_called_harmful_though_we_look_every_week() -> None:
    called = 0
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        treated, held = np.zeros(2, int), np.zeros(2, int)
        for _week in range(52):
            for counts, size in ((treated, 9), (held, 2)):
                counts += [rng.binomial(size, 0.3), size]
            if min(treated[1], held[1]) < 30:
                continue
            _low, high = bound_at_all_times(treated=tuple(treated), held=tuple(held), planned=400, level=0.95)
            if high < 0:
                called += 1
                break
    assert called <= 0.05 * SEEDS


def test_a_play_that_harms_much_is_found() -> None:
    _low, high = bound_at_all_times(treated=(60, 600), held=(45, 150), planned=400, level=1 - 0.05 / 12)
    assert high < 0


def test_matching_takes_away_what_the_choice_of_accounts_brought() -> None:
    """Half of the accounts are in danger and reach the goal seldom; these are met more often. The play does 10 points."""
    rng = np.random.default_rng(3)
    bad = rng.random(8_000) < 0.5
    met = rng.random(8_000) < np.where(bad, 0.6, 0.1)
    reached = rng.random(8_000) < np.where(bad, 0.2, 0.6) + 0.1 * met
    naive = reached[met].mean() - reached[~met].mean()
    rows = [(("bad" if one else "good"), bool(goal)) for one, goal in zip(bad, reached, strict=True)]
    found = matched(
        treated=[row for row, one in zip(rows, met, strict=True) if one],
        others=[row for row, one in zip(rows, met, strict=True) if not one],
    )
    assert naive < 0 and found is not None and found.low <= 0.1 <= found.high and found.left_out == 0
    assert matched(treated=[("a", True)], others=[("b", True)]) is None
