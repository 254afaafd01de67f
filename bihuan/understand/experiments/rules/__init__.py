"""Rules of experiments: who gets what, what to do about what came of it, how many units it takes."""

from bihuan.understand.experiments.rules.advice import ACTIONS, Advice, advice_of
from bihuan.understand.experiments.rules.assignment import SPACE, point_of, variant_of
from bihuan.understand.experiments.rules.needed import (
    LEVEL,
    POWER,
    Arrivals,
    Needed,
    days_until,
    units_needed,
)

__all__ = [
    "ACTIONS",
    "LEVEL",
    "POWER",
    "SPACE",
    "Advice",
    "Arrivals",
    "Needed",
    "advice_of",
    "days_until",
    "point_of",
    "units_needed",
    "variant_of",
]
