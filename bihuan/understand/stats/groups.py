"""Two groups compared measure by measure: how far apart they are, not only whether."""

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtri

from bihuan.understand.stats.auc import auc_of
from bihuan.understand.stats.comparison import compare, compare_proportions
from bihuan.understand.stats.estimates import mean_of
from bihuan.understand.stats.moments import Floats, moments_of


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An effect size of group b against a with its interval. `size` is negligible, small, medium or large."""

    value: float
    low: float
    high: float
    size: str


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """One measure in both groups. `n` and `missing` are (a, b). For a yes/no measure `shares` is the difference of
    shares with its interval and the other two are None; otherwise it is None."""

    n: tuple[int, int]
    missing: tuple[int, int]
    means: tuple[float, float]
    medians: tuple[float, float]
    p_value: float
    d: Effect | None = None
    delta: Effect | None = None
    shares: Effect | None = None


def contrast_of(a: Any, b: Any, *, level: float = 0.95) -> Contrast:
    """One measure of two groups; NaN is missing: left out, and counted. All values 0 or 1: shares are compared."""
    first, second = _numbers(a), _numbers(b)
    known = first[~np.isnan(first)], second[~np.isnan(second)]
    n = len(known[0]), len(known[1])
    missing = len(first) - n[0], len(second) - n[1]
    if not all(n):
        nan = float("nan")
        return Contrast(n=n, missing=missing, means=(nan, nan), medians=(nan, nan), p_value=nan)
    means = float(known[0].mean()), float(known[1].mean())
    medians = float(np.median(known[0])), float(np.median(known[1]))
    if all(np.isin(values, (0, 1)).all() for values in known):
        found = compare_proportions(
            control=(int(known[0].sum()), n[0]), treatment=(int(known[1].sum()), n[1]), level=level
        )
        h = 2 * (np.arcsin(sqrt(means[1])) - np.arcsin(sqrt(means[0])))  # Cohen's h, for the word only
        shares = Effect(
            value=found.difference, low=found.low, high=found.high, size=_size(h, (0.2, 0.5, 0.8))
        )
        return Contrast(
            n=n, missing=missing, means=means, medians=medians, p_value=found.p_value, shares=shares
        )
    p_value = compare(mean_of(moments_of(known[0])), mean_of(moments_of(known[1]))).p_value
    return Contrast(
        n=n, missing=missing, means=means, medians=medians, p_value=p_value,
        d=cohens_d(*known, level=level), delta=cliffs_delta(*known, level=level),
    )  # fmt: skip


def cohens_d(a: Floats, b: Floats, *, level: float = 0.95) -> Effect | None:
    """(mean b − mean a) / pooled standard deviation; variance (n₁+n₂)/(n₁n₂) + d²/(2(n₁+n₂)).

    Cohen (1988); Hedges, Olkin (1985), Statistical Methods for Meta-Analysis, 5. Words at 0.2, 0.5, 0.8. None with fewer
    than two values in a group or nothing that varies.
    """
    n1, n2 = len(a), len(b)
    if min(n1, n2) < 2:
        return None
    within = ((n1 - 1) * a.var(ddof=1) + (n2 - 1) * b.var(ddof=1)) / (n1 + n2 - 2)
    if not within > 0:
        return None
    d = float((b.mean() - a.mean()) / sqrt(within))
    half = float(ndtri((1 + level) / 2)) * sqrt((n1 + n2) / (n1 * n2) + d * d / (2 * (n1 + n2)))
    return Effect(value=d, low=d - half, high=d + half, size=_size(d, (0.2, 0.5, 0.8)))


def cliffs_delta(a: Floats, b: Floats, *, level: float = 0.95) -> Effect:
    """P(b > a) − P(b < a) over all pairs: says the same whatever the scale, and a few huge customers do not rule it.

    Interval by Cliff (1996), "Answering Ordinal Questions with Ordinal Data Using Ordinal Statistics", with s² the
    variance of δ: (δ − δ³ ± z·s·√((1 − δ²)² + z²s²)) / (1 − δ² + z²s²). Words at 0.147, 0.33, 0.474 (Romano et al. 2006).
    """
    labels = np.concatenate([np.zeros(len(a), dtype=bool), np.ones(len(b), dtype=bool)])
    area = auc_of(labels=labels, scores=np.concatenate([a, b]), level=level)
    d, s2 = 2 * area.value - 1, 4 * area.variance
    z = float(ndtri((1 + level) / 2))
    below = 1 - d * d + z * z * s2
    if not isfinite(s2) or below <= 0:
        low = high = d if abs(d) == 1 else float("nan")
    else:
        reach = z * sqrt(s2) * sqrt((1 - d * d) ** 2 + z * z * s2)
        low, high = (d - d**3 - reach) / below, (d - d**3 + reach) / below
    return Effect(value=d, low=low, high=high, size=_size(d, (0.147, 0.33, 0.474)))


def _numbers(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _size(value: float, steps: tuple[float, float, float]) -> str:
    words = ("negligible", "small", "medium", "large")
    return words[sum(abs(value) >= step for step in steps)]
