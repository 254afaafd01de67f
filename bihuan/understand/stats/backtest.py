"""Backtest: what a warning would have been worth, had it been given on past days with what was known then.

Split by time, never at random: a model that is judged on a day has learnt only from days whose whole horizon had passed by
then. Accounts stand in it many times, so every interval is clustered by account.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bihuan.understand.stats.auc import Area, Gain, auc_gain, auc_of
from bihuan.understand.stats.calibration import Calibration, Scale, calibration_of, platt
from bihuan.understand.stats.moments import Floats
from bihuan.understand.stats.scorers import Scorer, fit_logistic, fit_trees

NAIVE, LOGISTIC, TREES = "naive", "logistic", "trees"
#: From the simplest to the most complex.
CANDIDATES = (NAIVE, LOGISTIC, TREES)
MOST_FOLDS = 4
MOST_JUDGED = 12
LEAST_LEARNT = 10
LEAST_TO_SCALE = 10
LEAST_POSITIVES = 30
LEAST_AREA = 0.55


class TooLittle(ValueError):
    """No day can be judged; the text says why."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """Rows of accounts on past days. `matrix` has a column per feature; `day` counts days; `event` is how many days after its
    day a row's loss was seen, NaN when it did not come within the horizon; `naive` is the column of the simplest candidate."""

    features: tuple[str, ...]
    matrix: Floats
    account: np.ndarray[Any, np.dtype[np.int64]]
    day: np.ndarray[Any, np.dtype[np.int64]]
    did: np.ndarray[Any, np.dtype[np.bool_]]
    event: Floats
    naive: str

    def rows(self, wanted: Any) -> "Panel":
        """Some of the rows."""
        return Panel(features=self.features, matrix=self.matrix[wanted], account=self.account[wanted], day=self.day[wanted],
                     did=self.did[wanted], event=self.event[wanted], naive=self.naive)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A candidate on days it had not seen; `gain` is against the next simpler one that is there."""

    area: Area
    gain: Gain | None


@dataclass(frozen=True, kw_only=True)
class AtCapacity:
    """What a list of the `capacity` highest risks of each day would have found: of the list the share that left (precision), of
    those that left the share on a list (recall, row by row); `base` is the share that left among all."""

    capacity: int
    listed: int
    hit: int
    positives: int
    precision: float
    recall: float
    base: float


@dataclass(frozen=True, kw_only=True)
class LeadTime:
    """Days from the first time on the list to the loss, of accounts that were lost: `days` of those warned of, and how many
    were missed."""

    days: tuple[float, ...]
    missed: int

    @property
    def median(self) -> float | None:
        """Of those warned of."""
        return float(np.median(self.days)) if self.days else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Backtest:
    """Everything that is reported of one. `probability` and `log_odds` are those of `chosen`, aligned with the rows of `panel`,
    which are the judged ones only."""

    panel: Panel
    chosen: str
    candidates: Mapping[str, Judged]
    log_odds: Mapping[str, Floats]
    probability: Floats
    scale: Scale
    calibration: Calibration
    capacity: AtCapacity
    lead: LeadTime
    by_day: tuple[tuple[int, int, int, float], ...] = field(default=())

    @property
    def area(self) -> Area:
        """Of the chosen candidate."""
        return self.candidates[self.chosen].area

    @property
    def verdict(self) -> str:
        """few (positives), weak (lower bound of the area), or usable."""
        if self.area.positives < LEAST_POSITIVES:
            return "few"
        return "usable" if self.area.low > LEAST_AREA else "weak"


def fit(name: str, panel: Panel) -> Scorer:
    """A candidate learnt from every row."""
    if name == NAIVE:
        place = panel.features.index(panel.naive)
        return fit_logistic(matrix=panel.matrix[:, [place]], did=panel.did, features=(panel.naive,))
    learn = fit_logistic if name == LOGISTIC else fit_trees
    places = columns_that_vary(panel.features, panel.matrix)
    features = [panel.features[place] for place in places]
    return learn(matrix=panel.matrix[:, places], did=panel.did, features=features)


def scores_of(scorer: Scorer, panel: Panel) -> Floats:
    """Log-odds of every row, by the scorer's own features; ValueError when one is not there."""
    places = [panel.features.index(name) for name in scorer.features]
    return scorer.log_odds(panel.matrix[:, places])


def backtest(
    *, panel: Panel, horizon: int, capacity: int, progress: Callable[[int, int], None] | None = None
) -> Backtest:
    """Folds follow each other in time; TooLittle when none has both kinds of rows to learn from.

    Probabilities of a fold are scaled by what earlier folds said and saw. The simplest candidate is chosen that no more complex
    one beats by more than noise (lower bound of the paired difference of areas above 0).
    """
    folds = folds_of(panel, horizon=horizon)
    if not folds:
        raise TooLittle("no past day has enough rows before it whose horizon had passed")
    names = [name for name in CANDIDATES if name != NAIVE or panel.naive in panel.features]
    parts: dict[str, list[Floats]] = {name: [] for name in names}
    for number, (learn, test) in enumerate(folds):
        for name in names:
            parts[name].append(scores_of(fit(name, panel.rows(learn)), panel.rows(test)))
        if progress is not None:
            progress(number + 1, len(folds))
    tested = panel.rows(np.concatenate([np.flatnonzero(test) for _learn, test in folds]))
    fold = np.concatenate([np.full(int(test.sum()), number) for number, (_l, test) in enumerate(folds)])
    log_odds = {name: np.concatenate(found) for name, found in parts.items()}
    candidates, chosen = _choice(tested, log_odds)
    probability = _scaled(log_odds[chosen], tested.did, fold)
    listed = on_list(day=tested.day, score=log_odds[chosen], capacity=capacity)
    return Backtest(
        panel=tested, chosen=chosen, candidates=candidates, log_odds=log_odds, probability=probability,
        scale=platt(labels=tested.did, scores=log_odds[chosen]),
        calibration=calibration_of(labels=tested.did, probabilities=probability),
        capacity=at_capacity(did=tested.did, listed=listed, capacity=capacity), lead=lead_time(tested, listed=listed),
        by_day=_by_day(tested, log_odds[chosen]),
    )  # fmt: skip


def folds_of(panel: Panel, *, horizon: int) -> list[tuple[Any, Any]]:
    """(rows to learn from, rows to judge) of at most four spans of the last twelve days, the earliest first."""
    days, found = np.unique(panel.day), []
    able = [day for day in days.tolist() if _both(panel.did[panel.day + horizon <= day], least=LEAST_LEARNT)]
    able = able[-MOST_JUDGED:]
    for span in np.array_split(np.array(able, dtype=np.int64), min(MOST_FOLDS, len(able)) or 1):
        if len(span):
            learn, test = panel.day + horizon <= span[0], (panel.day >= span[0]) & (panel.day <= span[-1])
            found.append((learn, test))
    return found


def _both(did: Any, *, least: int) -> bool:
    return int(did.sum()) >= least and int((~did).sum()) >= least


def _choice(panel: Panel, log_odds: Mapping[str, Floats]) -> tuple[dict[str, Judged], str]:
    found: dict[str, Judged] = {}
    chosen, before = "", ""
    for name, scores in log_odds.items():
        gain = None
        if before:
            gain = auc_gain(labels=panel.did, scores=scores, over=log_odds[before], groups=panel.account)
        found[name] = Judged(area=auc_of(labels=panel.did, scores=scores, groups=panel.account), gain=gain)
        if not chosen:
            chosen = name
        else:
            over = auc_gain(labels=panel.did, scores=scores, over=log_odds[chosen], groups=panel.account)
            chosen = name if over.low > 0 else chosen
        before = name
    return found, chosen


def _scaled(log_odds: Floats, did: Any, fold: Any) -> Floats:
    """Probabilities of each fold, scaled by all folds before it that have enough of both."""
    found = np.empty(len(log_odds))
    for number in np.unique(fold):
        mine, earlier = fold == number, fold < number
        scale = Scale()
        if _both(did[earlier], least=LEAST_TO_SCALE):
            scale = platt(labels=did[earlier], scores=log_odds[earlier])
        found[mine] = scale.probabilities(log_odds[mine])
    return found


def on_list(*, day: Any, score: Floats, capacity: int) -> Any:
    """Whether a row is among the `capacity` highest of its day; ties by the order of rows."""
    order = np.lexsort((np.arange(len(score)), -score, day))
    starts = np.r_[True, np.diff(day[order]) != 0]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    found = np.zeros(len(score), dtype=bool)
    found[order] = np.arange(len(order)) - first < capacity
    return found


def at_capacity(*, did: Any, listed: Any, capacity: int) -> AtCapacity:
    """Precision and recall of a list."""
    hit, size, positives = int((did & listed).sum()), int(listed.sum()), int(did.sum())
    return AtCapacity(
        capacity=capacity, listed=size, hit=hit, positives=positives, precision=hit / size if size else 0.0,
        recall=hit / positives if positives else 0.0, base=positives / len(did) if len(did) else 0.0,
    )  # fmt: skip


def lead_time(panel: Panel, *, listed: Any) -> LeadTime:
    """Of each account that was lost: from its first day on the list, when the loss lay within the horizon, to the loss."""
    first: dict[int, float] = {}
    lost = np.flatnonzero(panel.did)
    for row in lost[np.argsort(panel.day[lost], kind="stable")].tolist():
        if listed[row]:
            first.setdefault(int(panel.account[row]), float(panel.event[row]))
    everyone = len(np.unique(panel.account[panel.did]))
    return LeadTime(days=tuple(sorted(first.values())), missed=everyone - len(first))


def _by_day(panel: Panel, score: Floats) -> tuple[tuple[int, int, int, float], ...]:
    """(day, rows, positives, area) of each judged day."""
    found = []
    for day in np.unique(panel.day).tolist():
        mine = panel.day == day
        area = auc_of(labels=panel.did[mine], scores=score[mine])
        found.append((day, int(mine.sum()), area.positives, area.value))
    return tuple(found)


def lift_of(*, did: Any, score: Floats, points: int = 20) -> list[tuple[float, float]]:
    """(share of rows from the highest score down, share of those lost among them)."""
    order = np.argsort(-np.asarray(score), kind="stable")
    reached = np.cumsum(np.asarray(did, dtype=bool)[order]) / max(1, int(np.sum(did)))
    cuts = np.unique(np.linspace(0, len(order), points + 1).astype(int))
    return [(cut / len(order), float(reached[cut - 1]) if cut else 0.0) for cut in cuts.tolist()]


def roc_of(*, did: Any, score: Floats, points: int = 50) -> list[tuple[float, float]]:
    """(share of those that stayed, share of those lost) above each of a number of thresholds."""
    truth = np.asarray(did, dtype=bool)[np.argsort(-np.asarray(score), kind="stable")]
    up, across = np.cumsum(truth) / max(1, truth.sum()), np.cumsum(~truth) / max(1, (~truth).sum())
    cuts = np.unique(np.linspace(0, len(truth) - 1, points).astype(int))
    return [(0.0, 0.0), *((float(across[cut]), float(up[cut])) for cut in cuts.tolist())]


def columns_that_vary(features: Sequence[str], matrix: Floats) -> list[int]:
    """Places of features with a value on one row in fifty at least, and with two different ones."""
    found = []
    for place in range(len(features)):
        known = matrix[~np.isnan(matrix[:, place]), place]
        if len(known) * 50 >= len(matrix) and len(known) and known.min() < known.max():
            found.append(place)
    return found


def knows_the_future(*, panel: Panel, least: float = 0.985) -> list[str]:
    """Features that tell the loss alone, near to perfectly, and so hardly were known before it. Each is judged by whether it
    is there and by its value, whichever way round."""
    if not _both(panel.did, least=LEAST_LEARNT):
        return []
    found = []
    for place, name in enumerate(panel.features):
        column = panel.matrix[:, place]
        there = np.isnan(column)
        if there.all():
            continue
        areas = [auc_of(labels=panel.did, scores=there).value,
                 auc_of(labels=panel.did, scores=np.where(there, np.nanmedian(column), column)).value]  # fmt: skip
        if max(max(area, 1 - area) for area in areas) >= least:
            found.append(name)
    return found
