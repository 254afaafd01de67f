"""Calibration: whether a probability of 0.2 comes true two times in ten, and how to make it so."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bihuan.understand.stats.moments import Floats

BINS = 10
FLOOR = 1e-6


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows of similar probability: how many, their mean probability, and the share that did."""

    n: int
    said: float
    seen: float


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Bins of equal size from the lowest probability to the highest. `error` (ECE) is the mean gap between said and seen,
    weighted by rows: Naeini, Cooper, Hauskrecht (2015), AAAI. `brier` is the mean squared gap row by row."""

    bins: tuple[Bin, ...]
    error: float
    brier: float


def calibration_of(*, labels: Any, probabilities: Any, bins: int = BINS) -> Calibration:
    """Of probabilities against what happened; ValueError without rows."""
    truth, said = np.asarray(labels, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if not len(truth):
        raise ValueError("there are no rows to compare probabilities with")
    found = tuple(
        Bin(n=len(part), said=float(said[part].mean()), seen=float(truth[part].mean()))
        for part in np.array_split(np.argsort(said, kind="stable"), min(bins, len(truth)))
    )
    error = sum(one.n * abs(one.said - one.seen) for one in found) / len(truth)
    return Calibration(bins=found, error=error, brier=float(((truth - said) ** 2).mean()))


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A probability from a log-odds score: 1 / (1 + e^−(slope·score + shift)). Slope 1 and shift 0 leave it as it is."""

    slope: float = 1.0
    shift: float = 0.0

    def probabilities(self, scores: Any) -> Floats:
        """Of scores, within (0, 1)."""
        return sigmoid(self.slope * np.asarray(scores, dtype=np.float64) + self.shift)


def platt(*, labels: Any, scores: Any) -> Scale:
    """The scale under which what happened is most likely, with targets drawn in by the counts of both classes: Platt (1999),
    "Probabilistic outputs for support vector machines". The order of rows never turns round: a slope that would is 0.
    With one class only, nothing is scaled."""
    truth, score = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=np.float64)
    m, n = int(truth.sum()), int((~truth).sum())
    if not m or not n:
        return Scale()
    target = np.where(truth, (m + 1) / (m + 2), 1 / (n + 2))

    def loss(at: Floats) -> tuple[float, Floats]:
        z = at[0] * score + at[1]
        gap = sigmoid(z) - target
        return float((np.logaddexp(0, z) - target * z).mean()), np.array([(gap * score).mean(), gap.mean()])

    best = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0, 20), (-30, 30)])
    return Scale(slope=float(best.x[0]), shift=float(best.x[1]))


def sigmoid(z: Any) -> Floats:
    """1 / (1 + e^−z), kept off 0 and 1."""
    found = 1 / (1 + np.exp(-np.clip(np.asarray(z, dtype=np.float64), -50, 50)))
    return np.asarray(np.clip(found, FLOOR, 1 - FLOOR), dtype=np.float64)
