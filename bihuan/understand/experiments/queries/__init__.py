"""Reads of experiments that pages, REST and questions share."""

from bihuan.understand.experiments.queries.asked import (
    EXPOSED,
    Assignment,
    answer_experiment,
    assignment_of,
    question_of,
)
from bihuan.understand.experiments.queries.found import Found, MetricFound, VariantFound, find, was_shown
from bihuan.understand.experiments.queries.needed import Effort, Plan, effort_of
from bihuan.understand.experiments.queries.said import headline, reasons, written

__all__ = [
    "EXPOSED",
    "Assignment",
    "Effort",
    "Found",
    "MetricFound",
    "Plan",
    "VariantFound",
    "answer_experiment",
    "assignment_of",
    "effort_of",
    "find",
    "headline",
    "question_of",
    "reasons",
    "was_shown",
    "written",
]
