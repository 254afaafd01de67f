"""Two versions of a standard side by side, with how sure one can be.

Cases that still run count: until now they took at least so long (Kaplan–Meier), else a new version, whose slow cases have not
ended yet, would look fast. Intervals are percentile bootstraps over accounts (Efron and Tibshirani 1993, ch. 13), so that one
customer with many cases does not pass for many customers. It is a before and after: what else changed in the meantime is in it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bihuan.act.mining.rules.figures import DAY_US
from bihuan.act.mining.rules.log import Bools, Floats, Ints, Log

#: As many as make the interval's ends steady; fewer for many cases, where they are steady anyway.
DRAWS, DRAWS_OF_MANY, MANY = 1_000, 300, 5_000
_CHUNK = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One measure before and after; None where it cannot be told. `better` is "yes", "no" or "unsure" (the interval of the
    difference holds zero); less is better in each of them."""

    name: str
    unit: Literal["days", "share"]
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def better(self) -> Literal["yes", "no", "unsure"]:
        """What the interval says."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return "unsure"
        return "yes" if self.high < 0 else "no"


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Cases of one version: `days` until the end or until now, whether it has `ended`, whose `account` (-1: its own), and for
    each share whether it applies and whether it happened."""

    days: Floats
    ended: Bools
    account: Ints
    shares: dict[str, tuple[Bools, Bools]]


def cases_of(log: Log, *, deviated: Bools, again: Bools, now_us: int) -> Cases:
    """What a comparison needs of a log; `deviated` marks cases that left the standard, `again` steps that are rework."""
    until = np.where(log.ended & (log.ended_us >= 0), log.ended_us, now_us)
    everything = np.ones(len(log.cases), np.bool_)
    shares = {
        "late": (_some(log, log.limited), _some(log, log.late)), "rework": (everything, _some(log, again)),
        "deviations": (everything, deviated),
    }  # fmt: skip
    return Cases(
        days=np.maximum(until - log.started_us, 0) / DAY_US, ended=log.ended, account=log.account, shares=shares
    )  # fmt: skip


def _some(log: Log, steps: Bools) -> Bools:
    found = np.zeros(len(log.cases), np.bool_)
    found[log.case[steps]] = True
    return found


def compared(before: Cases, after: Cases, *, seed: int = 7, level: float = 0.95) -> tuple[Compared, ...]:
    """Median and p90 of the days from start to end, and the shares; each with the interval of the difference."""
    random = np.random.default_rng(seed)
    drawn = [_Draws(cases, random) for cases in (before, after)]
    rows = [
        _row(f"days_p{round(100 * part)}", "days", *[one.days(part) for one in drawn], level=level)
        for part in (0.5, 0.9)
    ]
    rows += [_row(name, "share", *[one.share(name) for one in drawn], level=level) for name in before.shares]
    return tuple(rows)


def _row(
    name: str, unit: Literal["days", "share"], before: tuple[float, Floats], after: tuple[float, Floats], *, level: float
) -> Compared:  # fmt: skip
    first, second = before[0], after[0]
    difference = second - first
    spread = after[1] - before[1]
    known = np.isfinite(spread)
    low = high = None
    # A median that many draws do not reach has no end that could be told.
    if np.isfinite(difference) and known.mean() > level:
        edge = 100 * (1 - level) / 2
        low, high = (float(one) for one in np.percentile(spread[known], (edge, 100 - edge)))
    return Compared(
        name=name, unit=unit, before=_told(first), after=_told(second), difference=_told(difference), low=low, high=high
    )  # fmt: skip


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


class _Draws:
    """The cases with weights: one row of ones, and one row for each draw of accounts with replacement."""

    def __init__(self, cases: Cases, random: np.random.Generator) -> None:
        self.cases = cases
        order = np.lexsort((~cases.ended, cases.days))
        self.days_sorted, self.ended_sorted, self.order = cases.days[order], cases.ended[order], order
        n = len(cases.days)
        own = np.where(cases.account < 0, -1 - np.arange(n), cases.account)
        _, group = np.unique(own, return_inverse=True)
        groups = int(group.max()) + 1 if n else 0
        draws = DRAWS if n <= MANY else DRAWS_OF_MANY
        # As small as they can be, a few rows at a time: a million cases fit.
        self.weights = np.ones((draws, n), np.uint16)
        for rows in _chunks(draws, n):
            size = rows.stop - rows.start
            counts = random.multinomial(groups, np.full(groups, 1 / groups), size=size) if n else None
            if counts is not None:
                self.weights[rows] = counts[:, group]

    def days(self, part: float) -> tuple[float, Floats]:
        """The time by which `part` of the cases have ended: of all, and in each draw; inf when they never do."""
        n = len(self.cases.days)
        if not n:
            return float("nan"), np.full(len(self.weights), np.nan)
        found = [
            self._quantiles(self.weights[rows, self.order].astype(np.float64), part)
            for rows in _chunks(len(self.weights), n)
        ]
        return float(self._quantiles(np.ones((1, n)), part)[0]), np.concatenate(found)

    def _quantiles(self, weights: Floats, part: float) -> Floats:
        at_risk = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = np.where(self.ended_sorted & (weights > 0), 1 - weights / at_risk, 1.0)
        reached = np.cumprod(kept, axis=1) <= 1 - part + 1e-12
        first = reached.argmax(axis=1)
        return np.where(reached.any(axis=1), self.days_sorted[first], np.inf)

    def share(self, name: str) -> tuple[float, Floats]:
        """Of the cases to which it applies, how many: of all, and in each draw."""
        applies, happened = self.cases.shares[name]
        both = (applies & happened).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = both.sum() / applies.sum() if applies.any() else np.nan
            sums = [
                self.weights[rows].astype(np.float64) @ np.column_stack((both, applies.astype(np.float64)))
                for rows in _chunks(len(self.weights), len(both))
            ]
            drawn = np.concatenate(sums)
            return float(whole), drawn[:, 0] / drawn[:, 1]


def _chunks(rows: int, columns: int) -> list[slice]:
    """So many rows at a time that they hold no more than _CHUNK numbers."""
    size = max(1, _CHUNK // max(columns, 1))
    return [slice(at, min(at + size, rows)) for at in range(0, rows, size)]
