"""Bayesian comparison: chance that the treatment is better, what a wrong choice costs, credible interval.

Everything is computed, nothing is drawn: the same data gives the same answer.
"""

from dataclasses import dataclass
from math import exp, isfinite, pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, betaincinv, ndtr, ndtri

from bihuan.understand.stats.estimates import Estimate

NODES = 4000


@dataclass(frozen=True, kw_only=True)
class Belief:
    """What is believed of treatment − control. `chance` that it is above 0; `loss` expected by choosing the treatment
    and `loss_of_control` by keeping the control, in the metric's unit; a central credible interval."""

    difference: float
    low: float
    high: float
    chance: float
    loss: float
    loss_of_control: float


def believed_proportions(
    *, control: tuple[int, int], treatment: tuple[int, int], prior: tuple[float, float] = (1.0, 1.0),
    level: float = 0.95,
) -> Belief:  # fmt: skip
    """(successes, n) of independent units, each share with a beta(a, b) prior: posterior beta(a + s, b + n − s).

    With D = B − A: P(D ≤ d) = E_A[F_B(A + d)], taken over the mid-quantiles of A; chance = 1 − P(D ≤ 0);
    E[max(−D, 0)] = ∫ F_B(x)·(1 − F_A(x)) dx, the loss of choosing B. Gelman et al., Bayesian Data Analysis (2013), 2.4;
    Stucchio (2015), "Bayesian A/B Testing at VWO", on expected loss.
    """
    (a1, b1), (a2, b2) = ((prior[0] + s, prior[1] + n - s) for s, n in (control, treatment))
    quantiles = betaincinv(a1, b1, (np.arange(NODES) + 0.5) / NODES)

    def below(d: float) -> float:
        return float(betainc(a2, b2, np.clip(quantiles + d, 0, 1)).mean())

    mean = a2 / (a2 + b2) - a1 / (a1 + b1)
    # E[max(−D, 0)] and E[max(D, 0)] differ by the mean; the first is integrated where its factors are not 0
    edges = [betaincinv(a, b, q) for a, b in ((a1, b1), (a2, b2)) for q in (1e-12, 1 - 1e-12)]
    nodes, weights = np.polynomial.legendre.leggauss(400)
    low, high = min(edges), max(edges)
    x = (high + low) / 2 + nodes * (high - low) / 2
    inside = betainc(a2, b2, x) * (1 - betainc(a1, b1, x))
    loss = float(inside @ weights) * (high - low) / 2
    tail = (1 - level) / 2
    return Belief(
        difference=mean, low=float(brentq(lambda d: below(d) - tail, -1, 1)),
        high=float(brentq(lambda d: below(d) - 1 + tail, -1, 1)), chance=1 - below(0.0), loss=loss,
        loss_of_control=loss + mean,
    )  # fmt: skip


def believed(
    control: Estimate, treatment: Estimate, *, prior_sd: float | None = None, level: float = 0.95
) -> Belief:
    """Estimates with normal errors: posterior of the difference is normal.

    Prior N(0, prior_sd²) on the difference, or flat when there is none: variance v = 1/(1/s² + 1/τ²), mean m = v·d/s².
    chance = Φ(m/√v); E[max(−D, 0)] = √v·φ(m/√v) − m·Φ(−m/√v).
    """
    spread = control.variance + treatment.variance
    difference = treatment.value - control.value
    nan = float("nan")
    if not (isfinite(spread) and spread > 0):
        return Belief(difference=difference, low=nan, high=nan, chance=nan, loss=nan, loss_of_control=nan)
    variance = 1 / (1 / spread + (1 / prior_sd**2 if prior_sd else 0.0))
    mean, sd = variance * difference / spread, sqrt(variance)
    z = mean / sd
    loss = sd * exp(-z * z / 2) / sqrt(2 * pi) - mean * float(ndtr(-z))
    reach = float(ndtri((1 + level) / 2)) * sd
    return Belief(
        difference=mean, low=mean - reach, high=mean + reach, chance=float(ndtr(z)), loss=max(loss, 0.0),
        loss_of_control=max(loss, 0.0) + mean,
    )  # fmt: skip
