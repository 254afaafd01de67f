"""Named columns of numbers and texts as one matrix of numbers, for models that know only numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.understand.stats.moments import Floats

MOST_VALUES = 12
MISSING = "—"
OTHER = "…"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A column of the matrix: the number of a measure (`value` None), or whether a property has this value
    (MISSING: it has none; OTHER: a rare one)."""

    name: str
    value: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """rows × features; no NaN. `left_out` says which columns were not used, and why: constant, empty."""

    matrix: Floats
    features: tuple[Feature, ...]
    left_out: dict[str, str]


def design_of(columns: Mapping[str, Sequence[Any]], *, drop_first: bool = False) -> Design:
    """Numbers and booleans become one column, with the median where one is missing and a column that says it was missing;
    texts become one column a value, for the twelve most frequent.

    `drop_first` leaves the most frequent value of each text out and puts the rare ones into a column together, so that all
    are read against it (models with an intercept or a baseline need that).
    """
    parts: list[Floats] = []
    features: list[Feature] = []
    left_out: dict[str, str] = {}
    for name, values in columns.items():
        known = [value for value in values if value is not None and value == value]
        if not known:
            left_out[name] = "empty"
            continue
        if all(isinstance(value, (int, float, np.number, np.bool_)) for value in known):
            made = _of_numbers(name, values)
        else:
            made = _of_texts(name, values, drop_first=drop_first)
        if not made:
            left_out[name] = "constant"
        for feature, part in made:
            features.append(feature)
            parts.append(part)
    rows = len(next(iter(columns.values()), ()))
    matrix = np.column_stack(parts) if parts else np.zeros((rows, 0))
    return Design(matrix=matrix, features=tuple(features), left_out=left_out)


def _of_numbers(name: str, values: Sequence[Any]) -> list[tuple[Feature, Floats]]:
    part = np.array([np.nan if value is None else float(value) for value in values])
    missing = np.isnan(part)
    part[missing] = np.median(part[~missing])
    made = [(Feature(name=name), part)] if part.min() < part.max() else []
    if missing.any():
        made.append((Feature(name=name, value=MISSING), missing.astype(np.float64)))
    return made


def _of_texts(name: str, values: Sequence[Any], *, drop_first: bool) -> list[tuple[Feature, Floats]]:
    texts = np.array([MISSING if value is None or value != value else str(value) for value in values])
    names, counts = np.unique(texts, return_counts=True)
    order = names[np.lexsort((names, -counts))]
    if len(order) > MOST_VALUES:
        texts = np.where(np.isin(texts, order[:MOST_VALUES]), texts, OTHER)
        # a rare one has no column of its own, and no rule can name it; against a baseline it must not pass for that
        order = np.append(order[:MOST_VALUES], [OTHER] if drop_first else [])
    if len(order) < 2:
        return []
    return [
        (Feature(name=name, value=str(value)), (texts == value).astype(np.float64))
        for value in order[drop_first:]
    ]
