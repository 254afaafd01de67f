"""What each driver of a number contributed to its change, the parts adding up to the whole.

Sums: the difference of each driver. Products: the additive logarithmic mean Divisia index (LMDI-I), B. W. Ang, "Decomposition
analysis for policymaking in energy: which is the preferred method?", Energy Policy 32 (2004) 1131–1139: with V = ∏ xᵢ,

    part of i = L(V₁, V₀) · ln(xᵢ₁ / xᵢ₀),   L(a, b) = (a − b) / (ln a − ln b),   L(a, a) = a

It leaves no remainder and does not depend on the order of the drivers. A nought is taken as the limit of a number that goes
to nought (Ang and Liu, "Handling zero values in the logarithmic mean Divisia index decomposition approach", Energy Policy 35
(2007) 238–246): the change then belongs to the drivers that began at or came to nought, in equal parts. Negative drivers are
as good as positive ones as long as each keeps its sign; when one changes it there is no logarithm, and no division.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import copysign, expm1, fsum, isfinite, log, prod
from typing import Literal

How = Literal["product", "sum"]
#: Why a change is not divided.
SIGN, MISSING, LARGE = "sign", "missing", "large"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A value in the period before and in the chosen one; None where there is none."""

    before: float | None
    now: float | None

    @property
    def change(self) -> float | None:
        """Now less before; None when one of them is missing."""
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True, kw_only=True)
class Division:
    """A change divided: part + … + rest = whole, but for the rounding of floats.

    `weights` turn a change of the driver into its part (part = weight × change), so that parts can be handed down a tree.
    `rest` is what the drivers do not explain: the whole's own change less that of their product or sum. When `reason` says
    that it cannot be divided, there are no parts: `sign` (a driver changed its sign), `missing` (a value is), `large` (beyond
    what a float holds).
    """

    parts: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    rest: float = 0.0
    reason: str = ""


def divide(*, how: How, whole: Pair, drivers: Mapping[str, Pair]) -> Division:
    """The part of each driver in the change of the whole."""
    if whole.change is None or any(pair.change is None for pair in drivers.values()):
        return Division(reason=MISSING)
    values = {name: (float(pair.before or 0), float(pair.now or 0)) for name, pair in drivers.items()}
    made = fsum if how == "sum" else prod
    before, now = (made(pair[n] for pair in values.values()) for n in (0, 1))
    changes = {name: pair[1] - pair[0] for name, pair in values.items()}
    if not all(isfinite(number) for number in (before, now, whole.change, now - before, *changes.values())):
        return Division(reason=LARGE)
    if how == "product" and any(b * copysign(1, n) < 0 and n for b, n in values.values()):
        return Division(reason=SIGN)
    weights = dict.fromkeys(values, 1.0) if how == "sum" else _weights(values, before=before, now=now)
    parts = {name: weights[name] * changes[name] for name in values}
    return Division(parts=parts, weights=weights, rest=whole.change - (now - before))


def _weights(values: Mapping[str, tuple[float, float]], *, before: float, now: float) -> dict[str, float]:
    """part / change of each driver of a product."""
    touched = [name for name, (b, n) in values.items() if (b == 0) != (n == 0)]
    if touched or not before or not now:
        # One end of the product is nought: its log mean is nought beside that of every driver that is not.
        share = (now - before) / len(touched) if touched else 0.0
        return {name: share / (n - b) if name in touched else 0.0 for name, (b, n) in values.items()}
    ratios = {name: log(n / b) for name, (b, n) in values.items()}
    mean = _log_mean(before, now, ratio=fsum(ratios.values()))
    return {name: mean / _log_mean(b, n, ratio=ratios[name]) for name, (b, n) in values.items()}


def _log_mean(before: float, now: float, *, ratio: float) -> float:
    """(now − before) / ln(now / before) from the logarithm, which stays exact when both are nearly the same."""
    bigger = now if ratio > 0 else before
    return bigger if ratio == 0 else bigger * -expm1(-abs(ratio)) / abs(ratio)
