"""What a treatment did against those who were left alone, few samples made honest by many, and a weaker comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.special import ndtri

from bihuan.understand.stats.comparison import compare_proportions
from bihuan.understand.stats.estimates import Estimate
from bihuan.understand.stats.sequential import always_valid

Counts = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Share of treated − share of held out, with the interval and its standard error; `treated` and `held` are
    (reached, units). NaN in an interval: an arm is empty."""

    treated: Counts
    held: Counts
    difference: float
    low: float
    high: float
    error: float


def held_out(*, treated: Counts, held: Counts, level: float = 0.95) -> HeldOut:
    """Difference of two shares of independent units with Newcombe's interval (1998, method 10).

    `error` is that of Agresti and Caffo (2000), "Simple and effective confidence intervals for proportions", one success and
    one failure added to each arm: with few units, or when all are alike, it is not 0, so that it can weigh a small sample.
    """
    found = compare_proportions(control=held, treatment=treated, level=level)
    return HeldOut(
        treated=treated, held=held, difference=found.difference, low=found.low, high=found.high,
        error=sqrt(_variance(treated) + _variance(held)),
    )  # fmt: skip


def _variance(counts: Counts) -> float:
    reached, n = counts
    share = (reached + 1) / (n + 2)
    return share * (1 - share) / (n + 2)


def bound_at_all_times(*, treated: Counts, held: Counts, planned: int, level: float) -> tuple[float, float]:
    """The interval of `always_valid` for two shares: it holds however often one looks. `planned` is fixed beforehand. The
    variances are those of Agresti and Caffo, so that an arm where all are alike does not look certain."""
    arms = [
        Estimate(value=reached / n if n else float("nan"), variance=_variance((reached, n)), n=n)
        for reached, n in (held, treated)
    ]
    found = always_valid(arms[0], arms[1], planned=planned, level=level)
    return found.low, found.high


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """`value` and `error` of one effect after what the others say; `own` is the weight of its own measurement, 0 to 1."""

    value: float
    error: float
    own: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """An effect before pooling: what was assumed, and, where anything was measured, the difference and its error."""

    assumed: float
    difference: float | None = None
    error: float | None = None


#: How far true effects lie from what was assumed, while fewer than MANY effects are measured.
USUAL_SPREAD = 0.05
MANY = 3


def pooled_effects(effects: Mapping[str, Measured]) -> dict[str, Pooled]:
    """Empirical Bayes, normal–normal, of what was measured less what was assumed.

        rᵢ = dᵢ − aᵢ ~ N(θᵢ, sᵢ²),  θᵢ ~ N(μ, τ²);  weight Bᵢ = τ²/(τ² + sᵢ²);  effect = aᵢ + μ + Bᵢ·(rᵢ − μ)

    μ is the mean weighted by 1/(sᵢ² + τ²), τ² that of Paule and Mandel (1982). Error² = Bᵢ·sᵢ² + (1 − Bᵢ)²·Var(μ): Morris
    (1983), "Parametric Empirical Bayes Inference", JASA 78.

    While fewer than three are measured μ is 0 and τ USUAL_SPREAD: three
    points make no distribution. One that is not measured is aᵢ + μ with error √(τ² + Var(μ)). That τ² itself is only estimated
    widens the error by Morris's (1983, 1.17) 2/(k − 3)·(1 − Bᵢ)²·(rᵢ − μ)²·(s̄² + τ²)/(sᵢ² + τ²).
    """
    known = [
        (one.difference - one.assumed, one.error**2)
        for one in effects.values()
        if one.difference is not None and one.error
    ]
    tau2, mean, doubt = USUAL_SPREAD**2, 0.0, 0.0
    if len(known) >= MANY:
        tau2 = paule_mandel([value for value, _v in known], [variance for _r, variance in known])
        weights = [1 / (variance + tau2) for _r, variance in known]
        mean = sum(w * value for w, (value, _v) in zip(weights, known, strict=True)) / sum(weights)
        doubt = 1 / sum(weights)
    found = {}
    for name, one in effects.items():
        if one.difference is None or not one.error:
            found[name] = Pooled(value=one.assumed + mean, error=sqrt(tau2 + doubt), own=0.0)
            continue
        variance = one.error**2
        own = tau2 / (tau2 + variance)
        away = one.difference - one.assumed - mean
        spread = own * variance + (1 - own) ** 2 * doubt
        if len(known) > MANY:
            usual = sum(variance for _r, variance in known) / len(known)
            spread += 2 / (len(known) - 3) * ((1 - own) * away) ** 2 * (usual + tau2) / (variance + tau2)
        found[name] = Pooled(value=one.assumed + mean + own * away, error=sqrt(spread), own=own)
    return found


def paule_mandel(values: Sequence[float], variances: Sequence[float]) -> float:
    """τ² ≥ 0 at which Σ (vᵢ − μ)²/(sᵢ² + τ²) = k − 1, by halving; 0 when it lies below that without any τ."""

    def surplus(tau2: float) -> float:
        weights = [1 / (variance + tau2) for variance in variances]
        mean = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
        return sum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True)) - (len(values) - 1)

    if surplus(0.0) <= 0:
        return 0.0
    low, high = 0.0, max((max(values) - min(values)) ** 2, 1e-6)
    while surplus(high) > 0:
        high *= 2
    for _step in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Treated against others of the same stratum; `left_out` treated ones had nobody like them."""

    difference: float
    low: float
    high: float
    treated: int
    others: int
    left_out: int


def matched(
    *, treated: Sequence[tuple[str, bool]], others: Sequence[tuple[str, bool]], level: float = 0.95
) -> Matched | None:
    """(stratum, reached) of each: Σ wₛ·(pₛ − qₛ) with wₛ the stratum's share of the treated (effect on the treated), variance
    Σ wₛ²·(Var pₛ + Var qₛ), each with one success and one failure added. None when no stratum has both. Whoever was chosen for
    a treatment may differ in what nobody wrote down: this is weaker than a hold-out. Imbens, Rubin (2015), "Causal
    Inference", 17.
    """
    inside = _by_stratum(treated), _by_stratum(others)
    both = sorted(set(inside[0]) & set(inside[1]))
    n = sum(inside[0][one][1] for one in both)
    if not n:
        return None
    difference = variance = 0.0
    for one in both:
        mine, theirs = inside[0][one], inside[1][one]
        weight = mine[1] / n
        difference += weight * (mine[0] / mine[1] - theirs[0] / theirs[1])
        variance += weight**2 * (_variance(mine) + _variance(theirs))
    half = float(ndtri((1 + level) / 2)) * sqrt(variance)
    return Matched(
        difference=difference, low=max(difference - half, -1.0), high=min(difference + half, 1.0), treated=n,
        others=sum(inside[1][one][1] for one in both), left_out=len(treated) - n,
    )  # fmt: skip


def _by_stratum(rows: Sequence[tuple[str, bool]]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for stratum, reached in rows:
        so_far = found.get(stratum, (0, 0))
        found[stratum] = (so_far[0] + reached, so_far[1] + 1)
    return found
