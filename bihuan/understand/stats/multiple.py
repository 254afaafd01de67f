"""Several treatments against one control: the more of them, the sooner one of them looks better by chance."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from bihuan.understand.stats.comparison import Comparison


def level_of_each(*, level: float, comparisons: int) -> float:
    """The level of one interval at which `comparisons` of them hold together at `level`: 1 − (1 − level)/k (Bonferroni).

    It is also the chance that each of k Bayesian comparisons must reach: under flat priors the chance not to be better is the
    one-sided p-value, so that the same bar bounds how often any of them is called better by chance.
    """
    return 1 - (1 - level) / comparisons


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values as they hold together, in the same order; NaN stays NaN and still counts as one of those looked at.

    The i-th smallest of k becomes the greatest of (k − j + 1)·p₍ⱼ₎ over j ≤ i, at most 1. It bounds the chance of any false
    call whatever the p-values have to do with each other, and calls no less than Bonferroni. Holm (1979), "A simple
    sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6. The same holds for p-values that
    are valid at all times: the first false call is a stopping time, at which each of them is a p-value.
    """
    count, highest = len(p_values), 0.0
    found = [float("nan")] * count
    for rank, place in enumerate(
        sorted((n for n in range(count) if isfinite(p_values[n])), key=lambda n: p_values[n])
    ):
        highest = max(highest, min(1.0, (count - rank) * p_values[place]))
        found[place] = highest
    return tuple(found)


def together(comparisons: Sequence[Comparison], *, level: float) -> tuple[Comparison, ...]:
    """The comparisons of several treatments, made at `level_of_each`, with p-values after Holm.

    Holm calls a difference now and then whose interval still reaches a little beyond nought; that interval ends at nought then,
    as the interval that belongs to Holm's procedure does: Strassburger, Bretz (2008), "Compatible simultaneous lower
    confidence bounds for the Holm procedure", Statistics in Medicine 27. What is decided and what is drawn say the same.
    """
    corrected = holm([one.p_value for one in comparisons])
    return tuple(
        _cut(replace(one, p_value=p), decided=p < 1 - level)
        for one, p in zip(comparisons, corrected, strict=True)
    )


def _cut(found: Comparison, *, decided: bool) -> Comparison:
    if not decided:
        return found
    if found.difference > 0:
        relative = found.relative_low
        return replace(
            found, low=max(found.low, 0.0), relative_low=None if relative is None else max(relative, 0.0)
        )
    relative = found.relative_high
    return replace(
        found, high=min(found.high, 0.0), relative_high=None if relative is None else min(relative, 0.0)
    )
