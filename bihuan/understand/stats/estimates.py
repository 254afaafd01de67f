"""Estimates of one arm: a value with its variance, from moments or counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np

from bihuan.understand.stats.moments import Floats, Moments


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value, the variance of that value (not of the sample) and the number of independent units behind it."""

    value: float
    variance: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """Estimates after CUPED. `theta` is the coefficient (0 when there was nothing to adjust by); `reduction` the share
    of the summed variance that it took away."""

    arms: dict[str, Estimate]
    theta: float
    reduction: float


def proportion_of(*, successes: int, n: int) -> Estimate:
    """p = successes ÷ n with variance p(1 − p)/n. A conversion, or a retention: the share of units seen again."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}")
    p = successes / n if n else float("nan")
    return Estimate(value=p, variance=p * (1 - p) / n if n else float("nan"), n=n)


def mean_of(moments: Moments) -> Estimate:
    """Mean of the first column, variance s²/n."""
    return linear_of(moments, [1.0] + [0.0] * (len(moments.means) - 1))


def linear_of(moments: Moments, weights: list[float]) -> Estimate:
    """Σ wᵢ·meanᵢ with variance wᵀΣw/n."""
    w = np.asarray(weights)
    if moments.n < 2:
        return Estimate(value=float("nan"), variance=float("nan"), n=moments.n)
    variance = float(w @ moments.covariance @ w) / moments.n
    return Estimate(value=float(w @ moments.means), variance=max(variance, 0.0), n=moments.n)


def ratio_of(moments: Moments, *, numerator: int = 0, denominator: int = 1) -> Estimate:
    """R = ȳ/x̄, a ratio of sums, with its variance between units by the delta method:

        Var(R) ≈ (s_yy − 2R·s_xy + R²·s_xx) / (n·x̄²)

    The unit is the unit of assignment, so persons of one account need not be independent. Deng, Knoblich, Lu (2018),
    "Applying the Delta Method in Metric Analytics", KDD, section 3.2. NaN when nothing was counted below the line.
    """
    gradient = _gradient(moments, numerator, denominator)
    if gradient is None or moments.n < 2:
        return Estimate(value=float("nan"), variance=float("nan"), n=moments.n)
    value = moments.means[numerator] / moments.means[denominator]
    variance = float(gradient @ moments.covariance @ gradient) / moments.n
    return Estimate(value=float(value), variance=max(variance, 0.0), n=moments.n)


def cuped(arms: Mapping[str, Moments]) -> Adjusted:
    """Ratios of arms, adjusted by the same ratio before the experiment; columns: y, x, y before, x before.

        Rᵢ' = Rᵢ − θ(Bᵢ − B),  θ = Σ Cov(Rᵢ, Bᵢ) / Σ Var(Bᵢ),  Var(Rᵢ') = Var(Rᵢ) − 2θ·Cov(Rᵢ, Bᵢ) + θ²·Var(Bᵢ)

    B is the mean of the Bᵢ weighted by units; the variances come from the delta method as in `ratio_of`. For a mean,
    x and x before are ones. Deng, Xu, Kohavi, Walker (2013), "Improving the Sensitivity of Online Controlled
    Experiments by Utilizing Pre-Experiment Data", WSDM, with its appendix B on ratios.
    """
    plain = {name: ratio_of(moments) for name, moments in arms.items()}
    before = {name: ratio_of(moments, numerator=2, denominator=3) for name, moments in arms.items()}
    covariances = {name: _between(moments) for name, moments in arms.items()}
    spread = sum(estimate.variance for estimate in before.values())
    theta = sum(covariances.values()) / spread if isfinite(spread) and spread > 0 else 0.0
    if not theta or not isfinite(theta):
        return Adjusted(arms=plain, theta=0.0, reduction=0.0)
    units = sum(moments.n for moments in arms.values())
    middle = sum(before[name].value * moments.n for name, moments in arms.items()) / units
    adjusted = {}
    for name, estimate in plain.items():
        variance = estimate.variance - 2 * theta * covariances[name] + theta**2 * before[name].variance
        value = estimate.value - theta * (before[name].value - middle)
        adjusted[name] = Estimate(value=value, variance=max(variance, 0.0), n=estimate.n)
    was = sum(estimate.variance for estimate in plain.values())
    now = sum(estimate.variance for estimate in adjusted.values())
    return Adjusted(arms=adjusted, theta=theta, reduction=1 - now / was if was > 0 else 0.0)


def _gradient(moments: Moments, numerator: int, denominator: int) -> Floats | None:
    """(1/x̄) at the numerator and (−R/x̄) at the denominator; None when x̄ is 0."""
    below = float(moments.means[denominator])
    if below == 0:
        return None
    gradient = np.zeros(len(moments.means))
    gradient[numerator] = 1 / below
    gradient[denominator] = -float(moments.means[numerator]) / below**2
    return gradient


def _between(moments: Moments) -> float:
    """Cov(R, B) by the delta method; NaN when one of them does not exist."""
    now, before = _gradient(moments, 0, 1), _gradient(moments, 2, 3)
    if now is None or before is None or moments.n < 2:
        return float("nan")
    return float(now @ moments.covariance @ before) / moments.n
