"""Looking every day: intervals and p-values that hold at all times at once."""

from math import exp, isfinite, log, sqrt

from bihuan.understand.stats.comparison import Comparison, relative_interval
from bihuan.understand.stats.estimates import Estimate


def tuning(*, n: int, level: float = 0.95) -> float:
    """ρ that makes the interval nearly as narrow as it can be when n units are in: √((−2 ln α + ln(1 − 2 ln α))/n).

    Any ρ is valid, but it must be fixed before the start: name the number of units the experiment is planned for.
    """
    alpha = 1 - level
    return sqrt((-2 * log(alpha) + log(-2 * log(alpha) + 1)) / n)


def reach_at_plan(*, level: float = 0.95) -> float:
    """How many standard errors the interval of `always_valid` reaches to either side when the planned units are in.

    There Nρ² = −2 ln α + ln(1 − 2 ln α), whatever the plan, so it is a number of the level alone: 3.04 at 95 %, where a
    fixed end has 1.96.
    """
    return _reach(tuning(n=1, level=level) ** 2, level=level)


def always_valid(control: Estimate, treatment: Estimate, *, planned: int, level: float = 0.95) -> Comparison:
    """The comparison as an asymptotic confidence sequence: look as often as you like, stop when you like.

        half = s·√( 2(Nρ²+1)/(Nρ²) · ln(√(Nρ²+1)/α) ),  p = min(1, √(Nρ²+1) · exp(−z²·Nρ²/(2(Nρ²+1))))

    with s the standard error of the difference, z = d/s, N the units of both arms, ρ from `tuning(n=planned)`.
    Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), "Time-uniform central limit theory and asymptotic confidence
    sequences", Annals of Statistics 52, theorem 2.2. The p-value is 1 over the normal mixture's likelihood ratio, as in
    Johari, Koomen, Pekelis, Walsh (2017), "Peeking at A/B Tests", KDD. The guarantee is asymptotic: it holds from
    the moment the central limit theorem does, so give each arm some dozens of units before the first look. `p_value` is
    valid at each look; the smallest one so far is valid too.
    """
    error = sqrt(control.variance + treatment.variance) if _known(control, treatment) else float("nan")
    difference = treatment.value - control.value
    nan = float("nan")
    if not error > 0:
        return Comparison(
            control=control.value, treatment=treatment.value, difference=difference, low=nan, high=nan, relative=None,
            relative_low=None, relative_high=None, statistic=nan, p_value=nan,
        )  # fmt: skip
    mass = (control.n + treatment.n) * tuning(n=planned, level=level) ** 2
    reach = _reach(mass, level=level)
    z = difference / error
    p_value = min(1.0, sqrt(mass + 1) * exp(-z * z * mass / (2 * (mass + 1))))
    relative = relative_interval(control, treatment, reach=reach) or (None, None, None)
    return Comparison(
        control=control.value, treatment=treatment.value, difference=difference, low=difference - reach * error,
        high=difference + reach * error, relative=relative[0], relative_low=relative[1], relative_high=relative[2],
        statistic=z, p_value=p_value,
    )  # fmt: skip


def _reach(mass: float, *, level: float) -> float:
    """Standard errors to either side, `mass` being Nρ²."""
    return sqrt(2 * (mass + 1) / mass * log(sqrt(mass + 1) / (1 - level)))


def _known(control: Estimate, treatment: Estimate) -> bool:
    return min(control.n, treatment.n) >= 2 and isfinite(control.variance + treatment.variance)
