"""The early warning as pure computation: which days, what is a loss, what a row of features is, what would change a risk.

Nothing here knows the clock, the database or Django.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from bihuan.understand.stats.calibration import Scale, sigmoid
from bihuan.understand.stats.scorers import Scorer

Floats = np.ndarray[Any, np.dtype[np.float64]]
#: Days between snapshots; every horizon is a whole number of them.
STEP = 30
#: How exactly the day of a loss is known.
CHECK = 10
MOST_SNAPSHOTS = 24
#: Earlier snapshots that "own past" is the mean of.
PAST = 3
REVENUE = "mrr"
NAIVE = "days_silent"
SOON = "renews_soon"
ANNIVERSARY = "days_to_anniversary"
OWN_PAST = ("active_people", "active_days", "features", "open_tickets", "mrr")
ENDING = ".past"
#: What was said by this room; never learnt from.
OWN_MEASURES = ("risk",)
#: What the team can move, and which way helps (+1: more).
ACTIONABLE: Mapping[str, int] = {
    "seats_active": 1, "active_people": 1, "active_days": 1, "features": 1, "chain_coverage": 1, "people_in_touch": 1,
    "champion_silent_days": -1, "open_tickets": -1, "resolution_hours": -1, "late_tickets": -1, "satisfaction": 1,
}  # fmt: skip
MOST_REASONS = 3
WORTH_SAYING = 0.05
WORTH_DOING = 0.005


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The days of one training: `snapshots` (the horizon of each has passed), with `before` the days that their past needs,
    and `checks`, on which revenue is looked at."""

    snapshots: tuple[date, ...]
    before: tuple[date, ...]
    checks: tuple[date, ...]


def plan_of(*, last: date, horizon: int, first: date | None = None) -> Plan:
    """Snapshots every 30 days up to the last one whose horizon ends on `last`; at most 24, none before `first`."""
    newest = last - timedelta(days=horizon)
    snapshots = [newest - timedelta(days=STEP * number) for number in range(MOST_SNAPSHOTS)]
    snapshots = sorted(day for day in snapshots if first is None or day >= first)
    if not snapshots:
        return Plan(snapshots=(), before=(), checks=())
    before = [snapshots[0] - timedelta(days=STEP * number) for number in range(PAST, 0, -1)]
    days = (last - snapshots[0]).days
    checks = [snapshots[0] + timedelta(days=number) for number in range(0, days + 1, CHECK)]
    return Plan(snapshots=tuple(snapshots), before=tuple(before), checks=tuple(checks))


def live_days(day: date) -> list[date]:
    """The day to score, after the days that its past needs."""
    return [day - timedelta(days=STEP * number) for number in range(PAST, -1, -1)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Losses:
    """Of every account at one snapshot: whether it paid (else it is out), whether it was lost within the horizon, and how many
    days after the snapshot, NaN when not."""

    paid: np.ndarray[Any, np.dtype[np.bool_]]
    lost: np.ndarray[Any, np.dtype[np.bool_]]
    after: Floats


def losses_at(*, revenue: Floats, place: int, horizon: int, contraction: int) -> Losses:
    """From revenue a month by check day (rows) and account (columns), the snapshot being row `place`.

    Lost: at the end of the horizon it pays at least `contraction` % less than at the snapshot. So a renewal that is signed
    late, within the horizon, is no loss. The day of it is the first check day from which that stays so.
    """
    ends = place + horizon // CHECK
    now = np.nan_to_num(revenue[place])
    bound = now * (1 - contraction / 100) + 1e-9
    below = np.nan_to_num(revenue[place + 1 : ends + 1]) <= bound
    paid = now > 0
    lost = paid & below[-1]
    stays = np.logical_and.accumulate(below[::-1], axis=0).sum(axis=0)
    after = np.where(lost, (below.shape[0] - stays + 1) * float(CHECK), np.nan)
    return Losses(paid=paid, lost=lost, after=after)


def feature_names(measures: Sequence[str]) -> tuple[str, ...]:
    """Of a row: every measure, some against the account's own past, and whether a renewal falls within the horizon."""
    names = [name for name in measures if name not in OWN_MEASURES]
    past = [f"{name}{ENDING}" for name in OWN_PAST if name in names]
    return (*names, *past, *([SOON] if ANNIVERSARY in names else []))


def features_at(*, columns: Sequence[Mapping[str, Floats]], names: Sequence[str], horizon: int) -> Floats:
    """A row per account as of the last of the days in `columns`, which stand 30 days apart, the earliest first. A measure that
    is not there any more is unknown of everybody."""
    *past, now = columns
    found = []
    for name in names:
        if name == SOON:
            days = _known(now, ANNIVERSARY)
            found.append(np.where(np.isnan(days), np.nan, (days <= horizon).astype(np.float64)))
        elif name.endswith(ENDING):
            measure = name.removesuffix(ENDING)
            found.append(against(_known(now, measure), [_known(one, measure) for one in past]))
        else:
            found.append(_known(now, name))
    return np.column_stack(found) if found else np.empty((0, 0))


def _known(columns: Mapping[str, Floats], name: str) -> Floats:
    if name in columns:
        return np.asarray(columns[name], dtype=np.float64)
    size = len(next(iter(columns.values()), ()))
    return np.full(size, np.nan)


def against(now: Floats, past: Sequence[Floats]) -> Floats:
    """Change against the mean of the past that is known, as a share of it; none without one, at most +300 %."""
    rows = np.vstack(past) if past else np.full((1, len(now)), np.nan)
    known = (~np.isnan(rows)).sum(axis=0)
    mean = np.where(known > 0, np.nansum(rows, axis=0) / np.maximum(known, 1), np.nan)
    return np.asarray(np.where(mean > 0, np.minimum(now / np.where(mean > 0, mean, 1) - 1, 3.0), np.nan))


def capacity_of_a_step(*, weekly: int) -> int:
    """How many accounts the team can help between two snapshots."""
    return max(1, round(weekly * STEP / 7))


def reasons_of(*, scorer: Scorer, matrix: Floats, most: int = MOST_REASONS) -> list[list[list[Any]]]:
    """Of each row the features that raise its log-odds most: [feature, value, by how much]."""
    parts = scorer.contributions(matrix)
    order = np.argsort(-parts, axis=1, kind="stable")[:, :most]
    return [
        [[scorer.features[place], round(float(matrix[row, place]), 6), round(float(parts[row, place]), 4)]
         for place in order[row].tolist() if parts[row, place] >= WORTH_SAYING and not np.isnan(matrix[row, place])]
        for row in range(len(matrix))
    ]  # fmt: skip


def changes_of(
    *, scorer: Scorer, scale: Scale, matrix: Floats, targets: Mapping[str, float], most: int = MOST_REASONS
) -> list[list[list[Any]]]:
    """Of each row what the team could change: [measure, from, to, the probability then], the most helpful first. A measure goes
    to its target when that is better than where it stands; the others stay, so this is what the model would say, not
    an effect."""
    before = scale.probabilities(scorer.log_odds(matrix))
    found: list[list[list[Any]]] = [[] for _row in range(len(matrix))]
    for place, name in enumerate(scorer.features):
        if name not in targets or name not in ACTIONABLE:
            continue
        worse = (targets[name] - matrix[:, place]) * ACTIONABLE[name] > 0
        other = matrix.copy()
        other[worse, place] = targets[name]
        after = scale.probabilities(scorer.log_odds(other))
        for row in np.flatnonzero(worse & (before - after >= WORTH_DOING)).tolist():
            found[row].append(
                [name, round(float(matrix[row, place]), 6), targets[name], round(float(after[row]), 5)]
            )
    return [sorted(one, key=lambda change: change[3])[:most] for one in found]


def targets_of(*, features: Sequence[str], matrix: Floats, did: Any) -> dict[str, float]:
    """Where a customer who stays stands: the better quartile of those that were not lost, of what the team can move."""
    stayed = matrix[~np.asarray(did, dtype=bool)]
    found = {}
    for place, name in enumerate(features):
        known = stayed[~np.isnan(stayed[:, place]), place]
        if name in ACTIONABLE and len(known):
            found[name] = round(float(np.quantile(known, 0.75 if ACTIONABLE[name] > 0 else 0.25)), 4)
    return found


def band_of(rank: int, *, capacity: int) -> str:
    """On the list, next in line, or below the line."""
    return "list" if rank <= capacity else "next" if rank <= 2 * capacity else "rest"


def chance(log_odds: Any, scale: Scale) -> Floats:
    """Probabilities, strictly between 0 and 1."""
    return sigmoid(scale.slope * np.asarray(log_odds) + scale.shift)
