"""The arithmetic of the metric system: what drives a change, when to alert."""

from bihuan.understand.metrics.rules.alerting import (
    WEEKS,
    Alarm,
    alarm_of_change,
    alarm_of_season,
    alarm_of_threshold,
)
from bihuan.understand.metrics.rules.contribution import Division, Pair, divide
from bihuan.understand.metrics.rules.tree import Branch, Share, roots_of, shares_of, walk

__all__ = ["WEEKS", "Alarm", "Branch", "Division", "Pair", "Share", "alarm_of_change", "alarm_of_season", "alarm_of_threshold",
           "divide", "roots_of", "shares_of", "walk"]  # fmt: skip
