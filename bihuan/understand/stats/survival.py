"""How long until it happens, when for some it has not happened yet: Kaplan–Meier and the log-rank test."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtri

from bihuan.understand.stats.moments import Floats

#: Sums of floats that should be 0.5 miss it by less than this.
ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """S(t) at the times at which something happened (aligned arrays, times ascending). `at_risk` are units whose
    duration is at least that time. Before the first time S is 1; after `longest` nothing is known."""

    times: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    low: Floats
    high: Floats
    n: int
    longest: float

    @property
    def median(self) -> float | None:
        """The first time at which S(t) ≤ 0.5; None when it stays above."""
        return _first_at_or_below(self.times, self.survival)

    @property
    def median_interval(self) -> tuple[float | None, float | None]:
        """Times at which the bounds cross 0.5: Brookmeyer, Crowley (1982), Biometrics 38."""
        return _first_at_or_below(self.times, self.low), _first_at_or_below(self.times, self.high)

    def at(self, time: float) -> tuple[float, float, float, int] | None:
        """(S, low, high, units at risk) at a time; None beyond the longest duration seen."""
        if time > self.longest or not self.n:
            return None
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        risk = self.n if place < 0 else int(self.at_risk[place])
        if place < 0:
            return 1.0, 1.0, 1.0, risk
        return float(self.survival[place]), float(self.low[place]), float(self.high[place]), risk


@dataclass(frozen=True, kw_only=True)
class LogRank:
    """Whether groups differ over the whole time: observed against expected events of each group."""

    statistic: float
    degrees: int
    p_value: float
    observed: dict[str, float]
    expected: dict[str, float]


def kaplan_meier(durations: Any, happened: Any, *, level: float = 0.95) -> Curve:
    """S(t) = Π (1 − dᵢ/nᵢ) over times tᵢ ≤ t; units that end at tᵢ without the event still count in nᵢ.

    Kaplan, Meier (1958). Variance by Greenwood, interval on ln(−ln S): S^exp(±z·√(Σ d/(n(n−d)))/ln S), which stays
    within [0, 1] (Kalbfleisch, Prentice 1980). Where S is 0 the bounds are not known and are given as NaN.
    ValueError for a negative duration or one that is no number.
    """
    duration, event = _checked(durations, happened)
    times, place = np.unique(duration, return_inverse=True)
    ended = np.bincount(place, minlength=len(times))
    died: Floats = np.bincount(place, weights=event, minlength=len(times)).astype(np.float64)
    risk = len(duration) - np.concatenate([[0], np.cumsum(ended)[:-1]]) if len(times) else np.zeros(0)
    kept = died > 0
    times, died, risk = (
        times[kept],
        died[kept],
        np.asarray(risk[kept], dtype=np.float64),
    )
    survival: Floats = np.cumprod(1 - died / risk, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.cumsum(died / (risk * (risk - died)))
        width = float(ndtri((1 + level) / 2)) * np.sqrt(spread) / np.log(survival)
        low, high = survival ** np.exp(-width), survival ** np.exp(width)
    low[survival <= 0] = high[survival <= 0] = np.nan
    return Curve(
        times=times, at_risk=risk, events=died, survival=survival, low=low, high=high, n=len(duration),
        longest=float(duration.max()) if len(duration) else 0.0,
    )  # fmt: skip


def log_rank(durations: Any, happened: Any, groups: Any) -> LogRank:
    """Of k groups: Z = Σ(O − E) over event times, χ² = Zᵀ V⁻ Z with k − 1 degrees.

    Eᵢ = d·nᵢ/n, Vᵢⱼ = (nᵢ/n)(δᵢⱼ − nⱼ/n)·d(n − d)/(n − 1). Mantel (1966); Peto, Peto (1972). Fewer than two groups: p is NaN.
    """
    duration, event = _checked(durations, happened)
    names, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    k = len(names)
    times, place = np.unique(duration, return_inverse=True)
    cells = place * k + group
    ended = np.bincount(cells, minlength=len(times) * k).reshape(len(times), k)
    died = np.bincount(cells, weights=event, minlength=len(times) * k).reshape(len(times), k)
    risk = ended[::-1].cumsum(axis=0)[::-1]
    d, n = died.sum(axis=1), risk.sum(axis=1)
    share = risk / n[:, None]
    observed, expected = died.sum(axis=0), (share * d[:, None]).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(n > 1, d * (n - d) / (n - 1), 0.0)
    variance = np.diag((share * weight[:, None]).sum(axis=0)) - (share * weight[:, None]).T @ share
    gap = (observed - expected)[:-1]
    degrees = k - 1
    statistic = p_value = float("nan")
    if degrees > 0 and observed.sum() > 0:
        statistic = float(gap @ np.linalg.pinv(variance[:-1, :-1]) @ gap)
        p_value = float(chdtrc(degrees, statistic))
    return LogRank(
        statistic=statistic, degrees=degrees, p_value=p_value,
        observed=dict(zip(names.tolist(), observed.tolist(), strict=True)),
        expected=dict(zip(names.tolist(), expected.tolist(), strict=True)),
    )  # fmt: skip


def _checked(durations: Any, happened: Any) -> tuple[Floats, Floats]:
    duration = np.asarray(durations, dtype=np.float64)
    event = np.asarray(happened, dtype=bool).astype(np.float64)
    if duration.shape != event.shape:
        raise ValueError(f"{len(duration)} durations and {len(event)} events")
    if len(duration) and not (np.isfinite(duration) & (duration >= 0)).all():
        raise ValueError("a duration is negative or no number; leave such units out and count them")
    return duration, event


def _first_at_or_below(times: Floats, values: Floats) -> float | None:
    found = np.flatnonzero(values <= 0.5 + ROUNDING)
    return float(times[found[0]]) if len(found) else None
