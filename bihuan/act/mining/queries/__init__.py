"""Reads of mining: the log of a process, and what it says on its diagram."""

from bihuan.act.mining.queries.logs import Mined, Wanted, log_of_events, mined
from bihuan.act.mining.queries.study import (
    By,
    Study,
    by_group,
    compared_versions,
    diagram_of,
    forget,
    simulated,
    studied,
    studied_events,
    version_of,
)

__all__ = [
    "By",
    "Mined",
    "Study",
    "Wanted",
    "by_group",
    "compared_versions",
    "diagram_of",
    "forget",
    "log_of_events",
    "mined",
    "simulated",
    "studied",
    "studied_events",
    "version_of",
]
