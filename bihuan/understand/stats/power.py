"""How many units an experiment needs, and what it can see with those it has."""

from math import ceil, sqrt
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from bihuan.understand.stats.moments import Floats


def sample_size(
    *, effect: float, variance: float, variance_treatment: float | None = None, ratio: float = 1.0,
    level: float = 0.95, power: float = 0.8, design: float = 1.0,
) -> tuple[int, int]:  # fmt: skip
    """(control, treatment) units to see an absolute `effect` with a two-sided test.

        n₁ = (z_{1−α/2} + z_{power})² · (σ₁² + σ₂²/r) / δ² · design,  n₂ = r·n₁

    `variance` is of one unit; `design` as in `design_effect` when units come in clusters. Chow, Shao, Wang (2008),
    Sample Size Calculations in Clinical Research, 3.2. ValueError for an effect of 0.
    """
    if not effect:
        raise ValueError("no number of units is enough to see an effect of 0")
    z = float(ndtri((1 + level) / 2) + ndtri(power))
    other = variance if variance_treatment is None else variance_treatment
    first = z * z * (variance + other / ratio) / effect**2 * design
    return ceil(first), ceil(first * ratio)


def sample_size_of_shares(*, share: float, effect: float, **options: Any) -> tuple[int, int]:
    """The same for a share that is to move by `effect` (absolute): σ² = p(1 − p) of each arm.

    Options as in `sample_size`. ValueError when one of the shares is not between 0 and 1.
    """
    moved = share + effect
    if not (0 < share < 1 and 0 < moved < 1):
        raise ValueError(f"a share from {share:g} to {moved:g} is not between 0 and 1")
    return sample_size(
        effect=effect, variance=share * (1 - share), variance_treatment=moved * (1 - moved), **options
    )


def power_of(
    *, effect: float, variance: float, n: int, variance_treatment: float | None = None, ratio: float = 1.0,
    level: float = 0.95, design: float = 1.0,
) -> float:  # fmt: skip
    """Chance to see the effect with n units in the control and n·ratio in the treatment; both tails."""
    other = variance if variance_treatment is None else variance_treatment
    error = sqrt((variance + other / ratio) / n * design)
    z = float(ndtri((1 + level) / 2))
    return float(ndtr(abs(effect) / error - z) + ndtr(-abs(effect) / error - z))


def minimal_effect(
    *, variance: float, n: int, ratio: float = 1.0, level: float = 0.95, power: float = 0.8, design: float = 1.0
) -> float:  # fmt: skip
    """The smallest absolute effect that n units in the control see with this power: (z + z)·√(σ²(1 + 1/r)/n·design)."""
    z = float(ndtri((1 + level) / 2) + ndtri(power))
    return z * sqrt(variance * (1 + 1 / ratio) / n * design)


def minimal_effect_on_share(
    *, share: float, n: int, ratio: float = 1.0, level: float = 0.95, power: float = 0.8, design: float = 1.0
) -> float | None:  # fmt: skip
    """The same upward for a share, whose variance moves with it; None when no share below 1 is far enough."""

    def missing(effect: float) -> float:
        moved = share + effect
        z = float(ndtri((1 + level) / 2) + ndtri(power))
        return effect - z * sqrt((share * (1 - share) + moved * (1 - moved) / ratio) / n * design)

    most = 1 - share
    return float(brentq(missing, 0.0, most)) if missing(0.0) < 0 < missing(most) else None


def design_effect(*, sizes: Floats, correlation: float) -> float:
    """How many times more units it takes because they come in clusters: 1 + (Σm²/Σm − 1)·ICC.

    Kish (1965), Survey Sampling, with the cluster size weighted by units, so that uneven clusters count as they should.
    """
    m = np.asarray(sizes, dtype=np.float64)
    return 1 + (float((m**2).sum() / m.sum()) - 1) * correlation


def intraclass_correlation(*, sizes: Floats, sums: Floats, squares: Floats) -> float:
    """ICC from clusters' sizes, sums and sums of squares (of 0/1 values: squares = sums), by the analysis of variance:

        (MSB − MSW) / (MSB + (m₀ − 1)·MSW),  m₀ = (N − Σm²/N)/(k − 1)

    Donner (1986), International Statistical Review 54. Below 0 it is given as 0; NaN when there is nothing to compare.
    """
    m, total, square = (np.asarray(a, dtype=np.float64) for a in (sizes, sums, squares))
    n, k = float(m.sum()), len(m)
    if k < 2 or n <= k:
        return float("nan")
    within = float((square - total**2 / m).sum()) / (n - k)
    between = float((total**2 / m).sum() - total.sum() ** 2 / n) / (k - 1)
    size = (n - float((m**2).sum()) / n) / (k - 1)
    below = between + (size - 1) * within
    return max(0.0, (between - within) / below) if below > 0 else float("nan")
