"""The week as an integer programme. Pure: numbers in, a plan out."""

from bihuan.act.plan.rules.days import Load, laid_out, shared_out
from bihuan.act.plan.rules.greedy import greedy
from bihuan.act.plan.rules.shapes import Assignment, Candidate, Hour, LeftOut, Limits, Part, Person, Plan
from bihuan.act.plan.rules.solving import solve

__all__ = [
    "Assignment",
    "Candidate",
    "Hour",
    "LeftOut",
    "Limits",
    "Load",
    "Part",
    "Person",
    "Plan",
    "greedy",
    "laid_out",
    "shared_out",
    "solve",
]
