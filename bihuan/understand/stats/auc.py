"""AUC with an interval: how well a score ranks those who did above those who did not."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from scipy.special import ndtri

from bihuan.understand.stats.moments import Floats


@dataclass(frozen=True, kw_only=True)
class Area:
    """0.5 is chance, 1 is perfect. Bounds lie within [0, 1]; NaN when only one of the two classes is there."""

    value: float
    variance: float
    low: float
    high: float
    positives: int
    negatives: int


def auc_of(*, labels: Any, scores: Any, groups: Any = None, level: float = 0.95) -> Area:
    """Area under the ROC curve; ties count half.

    Variance from the structural components of DeLong, DeLong, Clarke-Pearson (1988), Biometrics 44. With `groups` (such
    as the account of each person) rows of one group are not taken as independent: their components are added before
    squaring, as in Obuchowski (1997), Biometrics 53.
    """
    truth = np.asarray(labels, dtype=bool)
    m, n = int(truth.sum()), int((~truth).sum())
    if not m or not n:
        nan = float("nan")
        return Area(value=nan, variance=nan, low=nan, high=nan, positives=m, negatives=n)
    value, influence = _influence(truth, np.asarray(scores, dtype=np.float64))
    variance = _variance(influence, truth=truth, groups=groups)
    return area(value=value, variance=variance, positives=m, negatives=n, level=level)


@dataclass(frozen=True, kw_only=True)
class Gain:
    """How much more area one score has than another over the same rows, and the interval of that difference."""

    value: float
    low: float
    high: float


def auc_gain(*, labels: Any, scores: Any, over: Any, groups: Any = None, level: float = 0.95) -> Gain:
    """The difference of two correlated areas, paired row by row (DeLong; with `groups`, Obuchowski). NaN when only one class
    is there. The first is better by more than noise when `low` is above 0."""
    truth = np.asarray(labels, dtype=bool)
    if not truth.any() or truth.all():
        return Gain(value=float("nan"), low=float("nan"), high=float("nan"))
    mine, mine_of = _influence(truth, np.asarray(scores, dtype=np.float64))
    other, other_of = _influence(truth, np.asarray(over, dtype=np.float64))
    half = float(ndtri((1 + level) / 2)) * sqrt(_variance(mine_of - other_of, truth=truth, groups=groups))
    return Gain(value=mine - other, low=mine - other - half, high=mine - other + half)


def _influence(truth: Any, score: Floats) -> tuple[float, Floats]:
    """The area, and what each row adds to its error."""
    positives, negatives = np.sort(score[truth]), np.sort(score[~truth])
    parts = np.empty(len(score))
    parts[truth] = _share_below(score[truth], negatives)
    parts[~truth] = 1 - _share_below(score[~truth], positives)
    value = float(parts[truth].mean())
    return value, (parts - value) / np.where(truth, len(positives), len(negatives))


def _variance(influence: Floats, *, truth: Any, groups: Any) -> float:
    """Of a sum of influences whose rows are independent, or whose groups are."""
    if groups is None:
        sides = ((truth, int(truth.sum())), (~truth, int((~truth).sum())))
        return sum(float((influence[side] ** 2).sum()) * k / (k - 1) for side, k in sides if k > 1)
    _names, place = np.unique(np.asarray(groups), return_inverse=True)
    clusters = np.bincount(place, weights=influence)
    k = len(clusters)
    return float((clusters**2).sum()) * k / (k - 1) if k > 1 else float("nan")


def area(*, value: float, variance: float, positives: int, negatives: int, level: float) -> Area:
    """An area with the interval that its variance gives."""
    half = float(ndtri((1 + level) / 2)) * sqrt(variance)
    return Area(value=value, variance=variance, low=max(0.0, value - half), high=min(1.0, value + half),
                positives=positives, negatives=negatives)  # fmt: skip


def _share_below(values: Floats, others: Floats) -> Floats:
    """For each value the share of sorted `others` below it; equal ones count half."""
    left, right = np.searchsorted(others, values, "left"), np.searchsorted(others, values, "right")
    return np.asarray((left + right) / (2 * len(others)), dtype=np.float64)
