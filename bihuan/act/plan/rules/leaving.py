"""Why candidates are not in the plan."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from bihuan.act.plan.rules.arrays import Arrays, Floats
from bihuan.act.plan.rules.shapes import HOURS, NO_GAIN, NOBODY, OTHER_PLAY, Assignment, Candidate, LeftOut


def left_out_of(
    candidates: Sequence[Candidate], *, arrays: Arrays, touched: set[int], assignments: Sequence[Assignment],
    prices: Floats, plain_price: float, most: int,
) -> tuple[tuple[LeftOut, ...], Mapping[str, int]]:  # fmt: skip
    """(one an account that got nothing, the worthiest first; how many candidates for each reason)."""
    taken = {(one.account, one.play) for one in assignments}
    reasons: Counter[str] = Counter()
    best: dict[int, tuple[float, int, str]] = {}
    for number, one in enumerate(candidates):
        if (one.account, one.play) in taken:
            continue
        reason = _reason(one, number, arrays=arrays, touched=touched)
        reasons[reason] += 1
        if reason != OTHER_PLAY and one.worth > best.get(one.account, (-np.inf, 0, ""))[0]:
            best[one.account] = (one.worth, number, reason)
    place = {int(number): at for at, number in enumerate(arrays.number)}
    shown = sorted(best.values(), key=lambda found: (-found[0], found[1]))[:most]
    left = []
    for worth, number, reason in shown:
        role, price = _what_is_missing(
            number, place=place, arrays=arrays, prices=prices, plain_price=plain_price
        )
        one = candidates[number]
        left.append(
            LeftOut(account=one.account, play=one.play, worth=worth, reason=reason, role=role, price=price)
        )
    return tuple(left), dict(reasons)


def _reason(one: Candidate, number: int, *, arrays: Arrays, touched: set[int]) -> str:
    if one.account in touched:
        return OTHER_PLAY
    if number in arrays.closed:
        return NOBODY
    return HOURS if one.worth > 0 else NO_GAIN


def _what_is_missing(
    number: int, *, place: Mapping[int, int], arrays: Arrays, prices: Floats, plain_price: float
) -> tuple[str, float]:
    if number in arrays.closed:
        return arrays.closed[number], 0.0
    if number not in place:
        return "", 0.0
    at = place[number]
    costs = {}
    for g in arrays.parts[at]:
        group = arrays.groups[g]
        costs[group.role] = float(prices[group.people].min()) * group.minutes
    price = sum(costs.values()) + (plain_price * float(arrays.minutes[at]) if arrays.plain[at] else 0.0)
    return max(costs, key=lambda role: costs[role], default=""), price
