"""The weekly plan of 10,000 accounts × 12 plays × 40 people: how long, how far from the best, and what it keeps.

The peers in the same run are the same week filled one by one by worth per minute, and the linear programme over every column,
written out whole for SciPy, whose value no plan can exceed: the proof of the gap. With --quarters the simulated company lives
through that many quarters beside two ways that teams use (docs/SIMULATION.md).
Usage: python benches/plan.py [--accounts 10000] [--plays 12] [--people 40] [--runs 3] [--quarters 0] [--minutes 180]
"""

import argparse
import time

import numpy as np

from bihuan.act.plan.rules import Candidate, Limits, Person, greedy, solve
from bihuan.act.plan.rules.arrays import Arrays
from bihuan.act.plan.rules.columns import Columns
from bihuan.config.simulation.quarter import gain, quarter

options = argparse.ArgumentParser()
options.add_argument("--accounts", type=int, default=10_000)
options.add_argument("--plays", type=int, default=12)
options.add_argument("--people", type=int, default=40)
options.add_argument("--runs", type=int, default=3)
options.add_argument("--quarters", type=int, default=0)
options.add_argument("--minutes", type=int, default=180)
wanted = options.parse_args()
ROLES = ("operations", "sales", "product", "analyst")


def week(*, seed: int = 7) -> tuple[list[Candidate], list[Person]]:
    """Log-normal revenue, risks of 13 % in the mean, three accounts in four with a team of their own; one play in three needs
    two roles."""
    rng = np.random.default_rng(seed)
    roles = [ROLES[min(n % 5, 3)] for n in range(wanted.people)]
    people = [
        Person(id=n + 1, roles=(role,), minutes=int(rng.integers(900, 1_500))) for n, role in enumerate(roles)
    ]
    having = {role: [one.id for one in people if role in one.roles] for role in ROLES}
    needs: list[dict[str, int]] = []
    for play in range(wanted.plays):
        needs.append({ROLES[int(rng.integers(0, 2))]: int(rng.choice([15, 30, 45, 60, 90, 120]))})
        if play % 3 == 0:
            needs[-1][ROLES[int(rng.integers(2, 4))]] = int(rng.choice([15, 30, 60]))
    value, risk = rng.lognormal(11, 1.2, wanted.accounts), rng.beta(1.2, 8, wanted.accounts)
    share = rng.uniform(0.05, 0.4, wanted.plays) * rng.lognormal(0, 0.5, (wanted.accounts, wanted.plays))
    candidates = []
    for account in range(wanted.accounts):
        team = {role: (int(rng.choice(having[role])),) for role in ROLES if having[role]}
        for play in range(wanted.plays):
            candidates.append(
                Candidate(
                    account=account, play=play, effect=float(min(share[account, play], 1) * risk[account]),
                    value=float(value[account]), minutes=needs[play], explores=play >= wanted.plays - 2,
                    servers={role: team.get(role, ()) for role in needs[play]} if account % 4 else {},
                )
            )  # fmt: skip
    return candidates, people


def whole_programme(candidates: list[Candidate], people: list[Person], limits: Limits) -> tuple[float, int]:
    """(value of the linear programme over every column, how many columns): those of people who are alike included."""
    every = Columns(Arrays(candidates=candidates, people=people, limits=limits, locked=()))
    for at, groups in enumerate(every.arrays.parts):
        ways = [[]]
        for g in groups:
            ways = [[*way, n] for way in ways for n in every.arrays.groups[g].people.tolist()]
        for way in ways:
            every.add(at, tuple(way))
    return every.linear().value, len(every.columns)


candidates, people = week()
limits = Limits(explore=0.1, must=dict.fromkeys(range(0, wanted.accounts, 50), 1000.0))
print(
    f"{wanted.accounts:,} accounts × {wanted.plays} plays × {wanted.people} people: {len(candidates):,} candidates"
)
times = []
for _ in range(wanted.runs):
    start = time.perf_counter()
    plan = solve(candidates=candidates, people=people, limits=limits)
    times.append(time.perf_counter() - start)
print(
    f"solved in {min(times):.2f} s best of {len(times)}, {max(times):.2f} s worst; {len(plan.assignments):,} assignments"
)
print(f"objective {plan.objective:,.0f}, its own bound {plan.bound:,.0f}: gap {plan.gap:.2%}")
start = time.perf_counter()
one_by_one = greedy(candidates=candidates, people=people, limits=limits)
plain = sum(one.worth + limits.must.get(one.account, 0.0) for one in one_by_one)
took = time.perf_counter() - start
print(
    f"one by one, by worth per minute: {plain:,.0f} in {took:.2f} s; the plan {plan.objective / plain - 1:+.1%}"
)
start = time.perf_counter()
bound, columns = whole_programme(candidates, people, limits)
print(
    f"linear programme over all {columns:,} columns: {bound:,.0f} in {time.perf_counter() - start:.1f} s; "
    f"the plan is {1 - plan.objective / bound:.2%} below it"
)
if wanted.quarters:
    found = [quarter(seed=seed, minutes=wanted.minutes) for seed in range(wanted.quarters)]
    print(f"{wanted.quarters} quarters, {wanted.minutes} minutes a week and person:")
    for way in list(found[0].kept)[1:]:
        mean, low, high = gain(found, over=way)
        print(f"  against {way:24} {mean:+.1%} ({low:+.1%} to {high:+.1%})")
