"""The arithmetic of the metric system: what drives a change, when to alert."""

from bihuan.understand.metrics.rules.alerting import (
    WEEKS,
    Alarm,
    alarm_of_change,
    alarm_of_season,
    alarm_of_threshold,
)
from bihuan.understand.metrics.rules.contribution import Division, Pair, divide
from bihuan.understand.metrics.rules.stages import (
    RULES,
    STAGES,
    Core,
    ProductNumbers,
    Staged,
    core_of,
    stage_of,
)
from bihuan.understand.metrics.rules.tree import Branch, Share, roots_of, shares_of, walk

__all__ = ["RULES", "STAGES", "WEEKS", "Alarm", "Branch", "Core", "Division", "Pair", "ProductNumbers", "Share", "Staged",
           "alarm_of_change", "alarm_of_season", "alarm_of_threshold", "core_of", "divide", "roots_of", "shares_of", "stage_of",
           "walk"]  # fmt: skip
