"""Reads of tiers: who is in which by rule, what service that means, who brings most."""

from bihuan.foresee.tiers.queries.accounts import exception_of, history_of, scores_of
from bihuan.foresee.tiers.queries.judging import (
    Move,
    Moves,
    active_rules,
    exceptions_on,
    judged,
    moves_by,
    table_of,
)
from bihuan.foresee.tiers.queries.pareto import BY, By, Shared, offered, shared
from bihuan.foresee.tiers.queries.serving import (
    USUAL_MINUTES,
    Load,
    Policy,
    load_of_staff,
    policies,
    policy_of,
)

__all__ = [
    "BY",
    "USUAL_MINUTES",
    "By",
    "Load",
    "Move",
    "Moves",
    "Policy",
    "Shared",
    "active_rules",
    "exception_of",
    "exceptions_on",
    "history_of",
    "judged",
    "load_of_staff",
    "moves_by",
    "offered",
    "policies",
    "policy_of",
    "scores_of",
    "shared",
    "table_of",
]
