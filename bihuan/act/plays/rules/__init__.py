"""Rules of plays: pure."""

from bihuan.act.plays.rules.arms import arm_of
from bihuan.act.plays.rules.definition import (
    STEP_KINDS,
    TRIGGER_KINDS,
    DefinitionError,
    Goal,
    Step,
    Trigger,
    read_goal,
    read_minutes,
    read_steps,
    read_trigger,
)
from bihuan.act.plays.rules.staking import NOTHING, Danger, Stake, revenue_of, share_kept, weight_of

__all__ = [
    "NOTHING",
    "STEP_KINDS",
    "TRIGGER_KINDS",
    "Danger",
    "DefinitionError",
    "Goal",
    "Stake",
    "Step",
    "Trigger",
    "arm_of",
    "read_goal",
    "read_minutes",
    "read_steps",
    "read_trigger",
    "revenue_of",
    "share_kept",
    "weight_of",
]
