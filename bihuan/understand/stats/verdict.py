"""What an experiment's numbers come to, as a code with numbers; the words are made where the reader's language is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from bihuan.understand.stats.bayes import Belief
from bihuan.understand.stats.comparison import Comparison
from bihuan.understand.stats.sample_ratio import SampleRatio

#: From the most to the least pressing; the first that holds is the verdict.
CODES = (
    "sample_ratio",  # units are not spread as planned: do not read the result
    "too_few",  # an arm has fewer units than `least_units`
    "guard_rail",  # a guard-rail metric is worse
    "worse",  # the primary metric is worse
    "better",  # the primary metric is better
    "too_small_to_matter",  # the whole interval lies within ± the effect that matters
    "undecided",  # neither: the interval still holds both
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`code` is one of CODES; `numbers` are those that the sentence about it needs, by name."""

    code: str
    numbers: dict[str, float | str]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One metric's comparison, reduced to what a verdict needs: the interval and whether it is decided.
    `better` is +1, −1, or 0 while undecided, already turned so that +1 is good."""

    metric: str
    difference: float
    low: float
    high: float
    better: int
    sure: float


def reading_of(
    comparison: Comparison, *, metric: str, higher_is_better: bool = True, level: float = 0.95
) -> Reading:
    """Decided when p < 1 − level; `sure` is the p-value."""
    decided = isfinite(comparison.p_value) and comparison.p_value < 1 - level
    sign = (1 if comparison.difference > 0 else -1) * (1 if higher_is_better else -1)
    return Reading(
        metric=metric, difference=comparison.difference, low=comparison.low, high=comparison.high,
        better=sign if decided else 0, sure=comparison.p_value,
    )  # fmt: skip


def reading_of_belief(
    belief: Belief, *, metric: str, higher_is_better: bool = True, level: float = 0.95
) -> Reading:
    """Decided when the chance to be above (or below) 0 reaches `level`; `sure` is the chance to be better."""
    chance = belief.chance if higher_is_better else 1 - belief.chance
    better = 1 if chance >= level else -1 if chance <= 1 - level else 0
    return Reading(
        metric=metric,
        difference=belief.difference,
        low=belief.low,
        high=belief.high,
        better=better,
        sure=chance,
    )


def verdict_of(
    *, primary: Reading, guard_rails: tuple[Reading, ...] = (), ratio: SampleRatio, units: Mapping[str, int],
    least_units: int = 30, matters: float | None = None,
) -> Verdict:  # fmt: skip
    """The verdict on one treatment. `units` counts units of assignment in each arm; `matters` is the smallest absolute
    effect on the primary metric that would change what we do."""
    if ratio.flagged:
        return Verdict(code="sample_ratio", numbers={"p_value": ratio.p_value})
    fewest = min(units.values(), default=0)
    if fewest < least_units or not isfinite(primary.low):
        return Verdict(code="too_few", numbers={"units": fewest, "least": least_units})
    for rail in guard_rails:
        if rail.better < 0:
            return Verdict(code="guard_rail", numbers=_numbers(rail))
    if primary.better:
        return Verdict(code="better" if primary.better > 0 else "worse", numbers=_numbers(primary))
    if matters is not None and -matters < primary.low and primary.high < matters:
        return Verdict(code="too_small_to_matter", numbers={**_numbers(primary), "matters": matters})
    return Verdict(code="undecided", numbers=_numbers(primary))


def _numbers(reading: Reading) -> dict[str, float | str]:
    return {"metric": reading.metric, "difference": reading.difference, "low": reading.low, "high": reading.high,
            "sure": reading.sure}  # fmt: skip
