"""Cox: what makes it happen sooner, several properties at once."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from bihuan.understand.stats.design import Design, Feature, design_of
from bihuan.understand.stats.moments import Floats

LEAST_EVENTS = 10


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """Hazard ratio of a feature: 2 means it happens twice as fast per unit more (or against the most frequent value)."""

    feature: Feature
    ratio: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Cox:
    """`concordance` is Harrell's C on the rows the model was fitted to (0.5 is chance), so it flatters a little."""

    hazards: tuple[Hazard, ...]
    concordance: float
    n: int
    events: int
    left_out: dict[str, str]


class TooLittle(ValueError):
    """The rows cannot carry the model; the text says what is missing."""


def cox(*, durations: Any, happened: Any, columns: Mapping[str, Sequence[Any]], level: float = 0.95) -> Cox:
    """Proportional hazards by partial likelihood, ties by Efron. Cox (1972), JRSS B 34; Efron (1977), JASA 72.

    Columns as in `design_of`, texts against their most frequent value. Wald intervals exp(b ± z·se). TooLittle when there
    are fewer events than ten or than features, or when the columns tell the same thing twice.
    """
    from statsmodels.duration.hazard_regression import PHReg

    duration, event = np.asarray(durations, dtype=np.float64), np.asarray(happened, dtype=bool)
    design = design_of(columns, drop_first=True)
    _check(design, events=int(event.sum()))
    scale = design.matrix.std(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fitted = PHReg(duration, design.matrix / scale, status=event.astype(int), ties="efron").fit(
                disp=0
            )
        except (RuntimeWarning, UserWarning, np.linalg.LinAlgError) as error:
            raise TooLittle(
                "the model does not settle: a property separates completely, or two say the same"
            ) from error
    b, se = fitted.params / scale, fitted.bse / scale
    if not (np.isfinite(b).all() and np.isfinite(se).all()) or (fitted.bse > 50).any():
        raise TooLittle("the model does not settle: a property separates completely, or two say the same")
    z = float(ndtri((1 + level) / 2))
    with np.errstate(over="ignore"):
        hazards = tuple(
            Hazard(feature=feature, ratio=float(np.exp(b[i])), low=float(np.exp(b[i] - z * se[i])),
                   high=float(np.exp(b[i] + z * se[i])), p_value=2 * float(ndtr(-abs(b[i] / se[i]))))
            for i, feature in enumerate(design.features)
        )  # fmt: skip
    return Cox(
        hazards=hazards, concordance=concordance(duration, event, design.matrix @ b), n=len(duration),
        events=int(event.sum()), left_out=design.left_out,
    )  # fmt: skip


def concordance(durations: Floats, happened: Any, risk: Floats) -> float:
    """Share of comparable pairs in which the one with the higher risk goes first; equal risks count half.

    A pair is comparable when the earlier one had the event and the other outlived it. Harrell et al. (1982), JAMA 247.
    NaN without such pairs.
    """
    duration, event, score = np.asarray(durations), np.asarray(happened, dtype=bool), np.asarray(risk)
    right = pairs = 0.0
    for time in np.unique(duration[event]):
        here = np.sort(score[event & (duration == time)])
        later = np.sort(score[duration > time])
        below = np.searchsorted(later, here, "left").sum()
        upto = np.searchsorted(later, here, "right").sum()
        right += (below + upto) / 2
        pairs += len(here) * len(later)
    return float(right / pairs) if pairs else float("nan")


def _check(design: Design, *, events: int) -> None:
    features = len(design.features)
    if not features:
        raise TooLittle("no column varies")
    if events < max(LEAST_EVENTS, features + 1):
        raise TooLittle(f"{events} events cannot carry {features} features")
    if np.linalg.matrix_rank(design.matrix - design.matrix.mean(axis=0)) < features:
        raise TooLittle("two columns tell the same; leave one of them out")
