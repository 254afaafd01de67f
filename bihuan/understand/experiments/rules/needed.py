"""How many units an experiment needs to see an effect, and how long it takes until they have come."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from scipy.special import ndtri

from bihuan.understand.stats.multiple import level_of_each
from bihuan.understand.stats.power import sample_size
from bihuan.understand.stats.sequential import reach_at_plan

LEVEL, POWER = 0.95, 0.8


@dataclass(frozen=True, kw_only=True)
class Needed:
    """Units of assignment of each variant, in the order of the weights, the control first."""

    units: tuple[int, ...]

    @property
    def total(self) -> int:
        """Of all variants together."""
        return sum(self.units)


#: (days, different units that came within them), days and units rising.
Arrivals = Sequence[tuple[int, int]]


def units_needed(
    *, effect: float, variances: tuple[float, float], weights: Sequence[int], sequential: bool = False,
    level: float = LEVEL, power: float = POWER, design: float = 1.0, cluster: float = 1.0,
) -> Needed:  # fmt: skip
    """Units to see an absolute `effect` between the control and the treatment with the least weight.

    `variances` are those of one measured unit in the control and in the treatment. When accounts of `cluster` people are
    assigned and people measured, `design` is the design effect (bihuan.understand.stats.power.design_effect) and the answer
    counts accounts. A sequential experiment, which may be looked at any day, needs ((z_seq + z_power) ÷ (z + z_power))² times
    as many, z_seq being how far its interval reaches at the planned end. Of several treatments each is compared at
    1 − (1 − level)/k, as the result will be (bihuan.understand.stats.multiple). ValueError for an effect of 0.
    """
    control, least = weights[0], min(weights[1:])
    level = level_of_each(level=level, comparisons=len(weights) - 1)
    first, _treatment = sample_size(
        effect=effect, variance=variances[0], variance_treatment=variances[1], ratio=least / control, level=level,
        power=power, design=design,
    )  # fmt: skip
    factor = price_of_looking(level=level, power=power) if sequential else 1.0
    return Needed(units=tuple(ceil(first * factor * weight / control / cluster) for weight in weights))


def price_of_looking(*, level: float, power: float) -> float:
    """How many times the units of a fixed end it takes to be allowed to look at any time."""
    fixed, wanted = float(ndtri((1 + level) / 2)), float(ndtri(power))
    return ((reach_at_plan(level=level) + wanted) / (fixed + wanted)) ** 2


def days_until(*, units: int, arrivals: Arrivals) -> int | None:
    """Days until so many different units have come, straight between the counts; None when fewer came in the longest span:
    then it cannot be told, as the same ones come again."""
    before_days, before_units = 0, 0
    for days, came in arrivals:
        if came >= units:
            share = (units - before_units) / (came - before_units)
            return ceil(before_days + share * (days - before_days))
        before_days, before_units = days, came
    return None
