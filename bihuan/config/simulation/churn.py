"""Why customers leave: the planted mechanism, written out in docs/SIMULATION.md."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from .accounts import MONTHLY, Accounts
from .arrays import Bools, Floats, Ints, Rng, sigmoid

NEVER = 1 << 30

WARM_UP = 150  # days before the window in which shocks already happen
NOTICE = 30  # the decision falls this many days before the contract ends
TERM_DAYS = {0: 30, 1: 365}

SHOCKS_PER_MONTH = {"champion": 0.016, "product": 0.018}
IMPULSE = {"champion": 0.9, "product": 0.7, "price": 0.55}
IMPULSE_SPREAD = 0.3  # log-normal
PRICE_RISE_SHARE = 0.18  # of renewals
PRICE_RISE = 0.12
PRICE_TOLD_BEFORE = 75  # days before the contract ends
CHAMPION_MISSED = 120  # days until a new champion is found
BUILD_UP = 1 / 12  # per day: a shock is felt over about two weeks
HALF_LIFE = 120  # days until distress has halved

BASE = {0: -5.0, 1: -2.75}  # monthly term, yearly term
COEFFICIENTS = {"fit": -0.75, "distress": 2.1, "champion_gone": 0.6, "price_up": 0.45}

USAGE_FIT = 0.28
USAGE_DISTRESS = -1.15
WIND_DOWN = 0.45  # share of usage that is left on the last day of an account that has decided to leave


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What happens to each account. Days count from the first simulated day."""

    distress: Floats  # accounts × days of the window
    usage: Floats  # accounts × days: what their people's activity is multiplied with
    champion_left: Ints  # day in the window on which the first champion leaves, NEVER if not
    left: Ints  # day the last contract ended (may lie after the window: notice given), NEVER if not
    price_up: dict[tuple[int, int], bool]  # (account, day the term ends) → price raised
    truth: pa.Table


@dataclass
class _Decisions:
    """Columns of the true decisions, one row per contract end that came up."""

    account: list[int] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    due: list[int] = field(default_factory=list)
    distress: list[float] = field(default_factory=list)
    gone: list[bool] = field(default_factory=list)
    price: list[bool] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    left: list[bool] = field(default_factory=list)


def live(*, rng: Rng, accounts: Accounts, days: int, first: date) -> Fate:
    """Shocks → distress → usage and, at each contract end, the decision to stay or leave."""
    count, span = len(accounts), WARM_UP + days
    impulse = np.zeros((count, span))
    champion = shocks_of_a_kind(rng=rng, impulse=impulse, kind="champion", fit=accounts.fit)
    shocks_of_a_kind(rng=rng, impulse=impulse, kind="product", fit=accounts.fit)
    price_up = price_rises(rng=rng, accounts=accounts, impulse=impulse, days=days)
    distress = distress_of(impulse)[:, WARM_UP:]
    champion_at = np.where(champion, np.arange(span) - WARM_UP, -NEVER)
    last_gone = np.maximum.accumulate(champion_at, axis=1)[:, WARM_UP:]
    decisions, left = _decide(
        rng=rng, accounts=accounts, days=days, distress=distress, last_gone=last_gone, price_up=price_up
    )
    in_window = np.where(champion_at >= 0, champion_at, NEVER)
    usage = _usage(rng=rng, accounts=accounts, days=days, distress=distress, left=left)
    return Fate(
        distress=distress,
        usage=usage,
        champion_left=in_window.min(axis=1).astype(np.int64),
        left=left,
        price_up=price_up,
        truth=_truth(
            accounts=accounts,
            days=days,
            first=first,
            distress=distress,
            usage=usage,
            left=left,
            seen=decisions,
        ),
    )


def shocks_of_a_kind(*, rng: Rng, impulse: Floats, kind: str, fit: Floats) -> Bools:
    """Adds the shocks of one kind; returns where they fell."""
    happened = rng.random(impulse.shape) < SHOCKS_PER_MONTH[kind] / 30.4
    size = IMPULSE[kind] * rng.lognormal(0.0, IMPULSE_SPREAD, size=impulse.shape[0]) * np.exp(-0.25 * fit)
    impulse += happened * size[:, None]
    return happened


def price_rises(*, rng: Rng, accounts: Accounts, impulse: Floats, days: int) -> dict[tuple[int, int], bool]:
    """Some yearly renewals come with a higher price, told well before the end."""
    told: dict[tuple[int, int], bool] = {}
    for k in range((days + 1400) // 365 + 2):
        due = accounts.signed_up + 365 * (k + 1)
        raised = (
            (rng.random(len(accounts)) < PRICE_RISE_SHARE)
            & (accounts.term != MONTHLY)
            & (due >= 0)
            & (due < days + NOTICE)
        )
        for n in np.flatnonzero(raised).tolist():
            told[n, int(due[n])] = True
            day = max(0, int(due[n]) - PRICE_TOLD_BEFORE + WARM_UP)
            if day < impulse.shape[1]:
                impulse[n, day] += IMPULSE["price"] * float(np.exp(-0.25 * accounts.fit[n]))
    return told


def distress_of(impulse: Floats) -> Floats:
    """S' = S·(1 − b) + impulse; D' = D·δ + b·S: a shock is felt over two weeks and fades over months."""
    decay = 0.5 ** (1 / HALF_LIFE)
    pool = np.zeros(impulse.shape[0])
    felt = np.zeros(impulse.shape[0])
    distress = np.empty_like(impulse)
    for day in range(impulse.shape[1]):
        felt = felt * decay + BUILD_UP * pool
        pool = pool * (1 - BUILD_UP) + impulse[:, day]
        distress[:, day] = felt
    return distress


def _decide(
    *,
    rng: Rng,
    accounts: Accounts,
    days: int,
    distress: Floats,
    last_gone: Ints,
    price_up: dict[tuple[int, int], bool],
) -> tuple[_Decisions, Ints]:
    """Walks the window; NOTICE days before each contract end the account stays or leaves."""
    term = np.where(accounts.term == MONTHLY, TERM_DAYS[0], TERM_DAYS[1])
    behind = np.maximum(0, -accounts.signed_up)
    due = accounts.signed_up + term * (behind // term + 1)
    base = np.where(accounts.term == MONTHLY, BASE[0], BASE[1])
    left = np.full(len(accounts), NEVER, dtype=np.int64)
    seen = _Decisions()
    for day in range(days):
        here = (left == NEVER) & (accounts.signed_up <= day)
        asked = np.flatnonzero(here & (np.maximum(due - NOTICE, 0) == day))
        if not len(asked):
            continue
        gone = day - last_gone[asked, day] < CHAMPION_MISSED
        price = np.array([price_up.get((n, int(due[n])), False) for n in asked.tolist()], dtype=np.bool_)
        score = (
            base[asked]
            + COEFFICIENTS["fit"] * accounts.fit[asked]
            + COEFFICIENTS["distress"] * distress[asked, day]
            + COEFFICIENTS["champion_gone"] * gone
            + COEFFICIENTS["price_up"] * price
        )
        leaves = rng.random(len(asked)) < sigmoid(score)
        left[asked[leaves]] = due[asked[leaves]]
        seen.account += asked.tolist()
        seen.decided += [day] * len(asked)
        seen.due += due[asked].tolist()
        seen.distress += distress[asked, day].tolist()
        seen.gone += gone.tolist()
        seen.price += price.tolist()
        seen.score += score.tolist()
        seen.left += leaves.tolist()
        due[asked] += term[asked]
    return seen, left


def _usage(*, rng: Rng, accounts: Accounts, days: int, distress: Floats, left: Ints) -> Floats:
    """Activity of an account by day, 0 outside its time with us."""
    day = np.arange(days)
    count = len(accounts)
    weeks = days // 7 + 2
    walk = np.cumsum(rng.normal(0.0, 0.035, size=(count, weeks)), axis=1)
    age = day[None, :] - (accounts.signed_up - accounts.trial_days)[:, None]
    to_end = (left[:, None] - day[None, :]).astype(np.float64)
    winding = np.where(to_end < NOTICE, WIND_DOWN + (1 - WIND_DOWN) * to_end / NOTICE, 1.0)
    usage = (
        np.exp(USAGE_FIT * accounts.fit[:, None] + USAGE_DISTRESS * distress + walk[:, day // 7])
        * np.where(age < 0, 0.0, 1.0 - 0.8 * np.exp(-np.maximum(age, 0) / 40.0))
        * np.where(to_end > 0, winding, 0.0)
    )
    return np.asarray(usage, dtype=np.float64)


def _truth(
    *,
    accounts: Accounts,
    days: int,
    first: date,
    distress: Floats,
    usage: Floats,
    left: Ints,
    seen: _Decisions,
) -> pa.Table:
    """One row per account and calendar month it was with us, with the true probability of ending in it."""
    months = _months(first=first, days=days)
    count = len(accounts)
    stay = np.ones((count, len(months)))
    facts = np.zeros((count, len(months), 4))  # distress, champion gone, price up, score at the decision
    due = np.full((count, len(months)), NEVER, dtype=np.int64)
    starts = np.array([start for start, _, _ in months])
    for row in range(len(seen.account)):
        n, when = seen.account[row], seen.due[row]
        month = int(np.searchsorted(starts, when, side="right")) - 1
        stay[n, month] *= 1.0 - float(sigmoid(np.array([seen.score[row]]))[0])
        facts[n, month] = (seen.distress[row], seen.gone[row], seen.price[row], seen.score[row])
        due[n, month] = when
    columns: dict[str, list[object]] = {name: [] for name in _TRUTH.names}
    for m, (start, end, month_start) in enumerate(months):
        inside = slice(max(0, start), min(days, end))
        asked = due[:, m] != NEVER
        here = (accounts.signed_up < end) & (left > start) & (asked | (start < days))
        for n in np.flatnonzero(here).tolist():
            hit = bool(asked[n])
            in_window = inside.stop > inside.start
            values: tuple[object, ...] = (
                accounts.keys[n],
                month_start,
                float(accounts.fit[n]),
                float(facts[n, m, 0]) if hit else float(distress[n, inside].mean()) if in_window else 0.0,
                bool(facts[n, m, 1]) if hit else None,
                bool(facts[n, m, 2]) if hit else None,
                float(usage[n, inside].mean()) if in_window else None,
                first + timedelta(days=int(due[n, m])) if hit else None,
                float(facts[n, m, 3]) if hit else None,
                float(1.0 - stay[n, m]),
                bool(start <= left[n] < end),
            )
            for name, value in zip(_TRUTH.names, values, strict=True):
                columns[name].append(value)
    return pa.table(columns, schema=_TRUTH)


_TRUTH = pa.schema(
    [
        ("account_key", pa.string()),
        ("month", pa.date32()),
        ("fit", pa.float64()),
        ("distress", pa.float64()),  # at the decision when one fell, else the month's mean
        ("champion_gone", pa.bool_()),
        ("price_up", pa.bool_()),
        ("usage", pa.float64()),
        ("due_on", pa.date32()),
        ("score", pa.float64()),  # linear predictor
        ("hazard", pa.float64()),  # true probability that the account ends in this month
        ("ended", pa.bool_()),
    ]
)


def _months(*, first: date, days: int) -> list[tuple[int, int, date]]:
    """Calendar months that touch the window or the notice after it: first day, day after the last, name."""
    months = []
    month = first.replace(day=1)
    while (month - first).days < days + NOTICE + 1:
        following = (month + timedelta(days=32)).replace(day=1)
        months.append(((month - first).days, (following - first).days, month))
        month = following
    return months
