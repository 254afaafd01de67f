"""Solving the week: prices by column generation, whole numbers by HiGHS over the columns that matter, a proven bound.

A week of 10,000 accounts has 100,000 candidates and more, yet forty people have time for some thousand. So the linear
programme is solved over few columns; at its prices every candidate is looked at, and those that would pay are added, until
the Lagrangian bound says that none is missing. Then the columns near these prices are solved in whole numbers, what
minutes are left are filled one by one, and the gap is taken against the bound, which holds for every candidate.
"""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from bihuan.act.plan.rules.arrays import Arrays, Floats, Ints, Priced, used_by
from bihuan.act.plan.rules.columns import Columns, Solved
from bihuan.act.plan.rules.greedy import Filling
from bihuan.act.plan.rules.leaving import left_out_of
from bihuan.act.plan.rules.shapes import Assignment, Candidate, Hour, Limits, Person, Plan

ROUNDS = 60
STEPS = 80
#: Of the gap that is allowed, so much may come from prices that are not the best yet.
OF_PRICES = 0.1
#: Looks in whole numbers, each when the one before was not enough: the share of what the linear programme takes that stays as
#: it is, and how many other columns, the nearest first, are open.
LOOKS = ((0.9, 1_500), (0.5, 4_000), (0.0, 50_000))


def solve(
    *, candidates: Sequence[Candidate], people: Sequence[Person], limits: Limits | None = None,
    locked: Sequence[Assignment] = (),
) -> Plan:  # fmt: skip
    """The plan of the week: at most one play an account, within everybody's minutes. What is locked stays, even above
    somebody's minutes, and its accounts get nothing else. ValueError for a share, a gap or minutes that cannot be."""
    limits = limits or Limits()
    _check(people, limits)
    start = perf_counter()
    arrays = Arrays(candidates=candidates, people=people, limits=limits, locked=locked)
    kept = sum(one.worth for one in locked)
    bound, prices, plain_price, filling = _solved(arrays, limits)
    chosen = [arrays.assignment(candidates, at, who) for at, who in filling.chosen.values()]
    assignments = (*locked, *sorted(chosen, key=lambda one: (-one.worth, one.account)))
    touched = {one.account for one in assignments}
    met = sum(cost for account, cost in limits.must.items() if account in {one.account for one in locked})
    objective = filling.objective + kept + met
    bound = max(bound + kept + met, objective)
    left_out, reasons = left_out_of(
        candidates, arrays=arrays, touched=touched, assignments=assignments, prices=prices, plain_price=plain_price,
        most=limits.most_left_out,
    )  # fmt: skip
    hour = 60 * (prices + (1 - limits.explore) * plain_price)
    return Plan(
        assignments=assignments, left_out=left_out, reasons=reasons,
        value=sum(one.worth for one in assignments), objective=objective, bound=bound,
        gap=(bound - objective) / bound if bound > 0 else 0.0,
        hours=_hours(arrays.people, hour), prices={one.id: float(hour[n]) for n, one in enumerate(arrays.people)},
        used=used_by(assignments), untouched=tuple(sorted(one for one in limits.must if one not in touched)),
        seconds=perf_counter() - start,
    )  # fmt: skip


def _check(people: Sequence[Person], limits: Limits) -> None:
    if not 0 <= limits.explore < 1:
        raise ValueError(f"explore: write a share from 0 to below 1, not {limits.explore}")
    if limits.gap < 0 or limits.seconds <= 0:
        raise ValueError(f"gap: {limits.gap} and seconds: {limits.seconds} must not be negative")
    if any(one.minutes < 0 for one in people) or len({one.id for one in people}) != len(people):
        raise ValueError("people: each stands once, with minutes of 0 or more")
    if any(cost < 0 for cost in limits.must.values()):
        raise ValueError("must: a penalty is not negative")


def _solved(arrays: Arrays, limits: Limits) -> tuple[float, Floats, float, Filling]:
    """(bound, prices, price of what does not explore, what is chosen)."""
    if not len(arrays.worth):
        return 0.0, np.zeros(len(arrays.people)), 0.0, Filling(arrays)
    columns = Columns(arrays)
    if columns.add_all():
        solved = columns.linear()
        bound = solved.value
    else:
        bound, solved = _generated(arrays, columns, limits)
    best = _rounded(arrays, columns, solved, np.flatnonzero(solved.x > 1e-9))
    for share, most in LOOKS:
        if bound - best.objective <= limits.gap / 2 * bound:
            break
        if not share and not columns.whole:
            if bound - best.objective <= limits.gap * bound:
                break
            priced = arrays.priced(prices=solved.prices, plain_price=solved.plain_price)
            columns.add_within(priced.bound - best.objective, priced=priced, prices=solved.prices)
            solved = columns.linear()
        sure = _sure(columns, solved, share=share)
        lost = columns.losses(solved=solved)
        near = _near(columns, lost, sure=sure, within=bound - best.objective, most=most)
        chosen, over = columns.whole_numbers(
            open_ones=near, sure=sure, allowed=limits.gap / 4 * bound, seconds=limits.seconds / len(LOOKS)
        )
        best = max(best, _rounded(arrays, columns, solved, chosen), key=lambda one: one.objective)
        if over is not None and columns.whole and not share and len(near) < most:
            bound = min(bound, max(over, best.objective))
    return bound, solved.prices, solved.plain_price, best


def _sure(columns: Columns, solved: Solved, *, share: float) -> Ints:
    """Of the columns that the linear programme takes in whole, this share: those whose accounts gain most by it."""
    places = np.flatnonzero(solved.x > 1 - 1e-7)
    gain = solved.by_account[[int(columns.arrays.account_of[columns.columns[n][0]]) for n in places]]
    return places[np.argsort(-gain, kind="stable")[: int(share * len(places))]]


def _near(columns: Columns, lost: Floats, *, sure: Ints, within: float, most: int) -> Ints:
    """Columns of other accounts that lose little, with the least first; without those that can be in no better plan."""
    account_of = columns.arrays.account_of[[at for at, _people in columns.columns]]
    able = np.flatnonzero((lost <= within + 1e-9) & ~np.isin(account_of, account_of[sure]))
    return able[np.argsort(lost[able], kind="stable")[:most]]


def _generated(arrays: Arrays, columns: Columns, limits: Limits) -> tuple[float, Solved]:
    """Columns until the bound is within a tenth of the gap of the linear programme."""
    prices, plain_price, bound = _first_prices(arrays)
    priced = arrays.priced(prices=prices, plain_price=plain_price)
    _add(
        columns, priced, prices, over=np.zeros(len(arrays.accounts)), slack=0.05 * float(arrays.score.mean())
    )
    solved = columns.linear()
    for _round in range(ROUNDS):
        priced = arrays.priced(prices=solved.prices, plain_price=solved.plain_price)
        bound = min(bound, priced.bound)
        if bound - solved.value <= OF_PRICES * limits.gap * bound:
            break
        before = len(columns.columns)
        _add(columns, priced, solved.prices, over=solved.by_account, slack=0.0)
        if len(columns.columns) == before:
            break
        solved = columns.linear()
    return max(bound, solved.value), solved


def _add(columns: Columns, priced: Priced, prices: Floats, *, over: Floats, slack: float) -> None:
    """The best candidate of every account where it leaves more than the account is paid already."""
    for account in np.flatnonzero(priced.best_left > over + 1e-9 - slack).tolist():
        columns.add_near(int(priced.best[account]), priced=priced, prices=prices)


def _first_prices(arrays: Arrays) -> tuple[Floats, float, float]:
    """Prices to begin with: steps against the bound's slope (Polyak's, towards what filling one by one reaches)."""
    filling = Filling(arrays)
    order = np.argsort(-arrays.score / np.maximum(arrays.minutes, 1), kind="stable")
    filling.fill(order.tolist(), np.zeros(len(arrays.people)))
    reached = filling.objective
    prices, plain_price = np.zeros(len(arrays.people)), 0.0
    best = (prices, plain_price, np.inf)
    pace, since = 1.0, 0
    for _step in range(STEPS):
        priced = arrays.priced(prices=prices, plain_price=plain_price)
        if priced.bound < best[2]:
            best, since = (prices, plain_price, priced.bound), 0
        else:
            since += 1
            if since > 4:
                pace, since = pace / 2, 0
        slope, plain_slope = _slope(arrays, priced)
        length = float(slope @ slope) + plain_slope**2
        if length == 0:
            break
        step = pace * max(priced.bound - reached, 1e-9) / length
        prices = np.maximum(prices - step * slope, 0.0)
        plain_price = max(plain_price - step * plain_slope, 0.0)
    return best


def _slope(arrays: Arrays, priced: Priced) -> tuple[Floats, float]:
    """Minutes that stay free at these prices: of each person, and of all that does not explore."""
    taken = priced.best[priced.best_left > 0]
    chosen = np.zeros(len(arrays.worth), dtype=np.bool_)
    chosen[taken] = True
    groups = arrays.part_group[chosen[arrays.part_of]]
    used = np.bincount(
        priced.cheapest[groups], weights=arrays.group_minutes[groups], minlength=len(arrays.people)
    )
    plain = float(arrays.minutes[taken][arrays.plain[taken]].sum())
    return arrays.free - used, arrays.plain_free - plain


def _rounded(arrays: Arrays, columns: Columns, solved: Solved, among: Ints) -> Filling:
    """Columns in whole, those with most of them first, then whatever still fits, the one that pays most first."""
    filling = Filling(arrays)
    for place in among[np.argsort(-solved.x[among], kind="stable")].tolist():
        filling.put(*columns.columns[place])
    priced = arrays.priced(prices=solved.prices, plain_price=solved.plain_price)
    filling.fill(np.argsort(-priced.left, kind="stable").tolist(), solved.prices)
    return filling


def _hours(people: Sequence[Person], hour: Floats) -> dict[str, Hour]:
    found: dict[str, Hour] = {}
    for n, one in enumerate(people):
        for role in one.roles:
            if role not in found or hour[n] > found[role].worth:
                found[role] = Hour(worth=float(hour[n]), person=one.id)
    return found
