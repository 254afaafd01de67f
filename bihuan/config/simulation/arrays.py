"""Short names for the array types of the simulator."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Rng = np.random.Generator
AnyArray = npt.NDArray[Any]


def dates(days: Ints, *, origin: date) -> list[date]:
    """Day numbers (0 = `origin`, negative = before it) as dates."""
    return [origin + timedelta(days=int(day)) for day in days]


def dates_or_none(days: Ints, *, origin: date, never: int) -> list[date | None]:
    """As `dates`, with None for the number that stands for "not ended"."""
    return [None if int(day) == never else origin + timedelta(days=int(day)) for day in days]


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e⁻ˣ)."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)), dtype=np.float64)
