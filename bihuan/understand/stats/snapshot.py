"""A single snapshot: how well properties tell those who did from those who did not, when there are no past days to judge on.

Folds at random are all that one snapshot allows. What it says of the future is therefore less than what a backtest says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.understand.stats.auc import Area, auc_of
from bihuan.understand.stats.backtest import LEAST_AREA, LEAST_POSITIVES
from bihuan.understand.stats.calibration import Calibration, calibration_of, sigmoid
from bihuan.understand.stats.design import design_of
from bihuan.understand.stats.scorers import fit_logistic

FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Told:
    """Of units that the model of their fold had not seen."""

    area: Area
    calibration: Calibration

    @property
    def verdict(self) -> str:
        """few, weak or usable, by the bounds of a backtest."""
        if self.area.positives < LEAST_POSITIVES:
            return "few"
        return "usable" if self.area.low > LEAST_AREA else "weak"


def told_by(*, columns: Mapping[str, Sequence[Any]], did: Any, seed: int = 0) -> Told:
    """Logistic regression on columns as in `design_of`, five stratified folds. ValueError with fewer than five of a class or
    when no column varies."""
    from sklearn.model_selection import StratifiedKFold

    truth = np.asarray(did, dtype=bool)
    if min(int(truth.sum()), int((~truth).sum())) < FOLDS:
        raise ValueError(
            f"{int(truth.sum())} did and {int((~truth).sum())} did not; {FOLDS} of each are needed"
        )
    design = design_of(columns)
    if not design.features:
        raise ValueError("no column varies")
    names = [str(place) for place in range(design.matrix.shape[1])]
    scores = np.empty(len(truth))
    folds = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=seed)
    for learn, test in folds.split(design.matrix, truth):
        scorer = fit_logistic(matrix=design.matrix[learn], did=truth[learn], features=names)
        scores[test] = scorer.log_odds(design.matrix[test])
    return Told(
        area=auc_of(labels=truth, scores=scores),
        calibration=calibration_of(labels=truth, probabilities=sigmoid(scores)),
    )
