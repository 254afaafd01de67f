"""Reads of the weekly plan."""

from bihuan.act.plan.queries import asked  # noqa: F401 - the question kind: plan
from bihuan.act.plan.queries.capacity import Capacity, capacities, ours, settings_of_plan
from bihuan.act.plan.queries.gathering import Week, gathered
from bihuan.act.plan.queries.locks import locked_of, wanted
from bihuan.act.plan.queries.reading import (
    Outcome,
    Review,
    Row,
    by_person,
    in_words,
    lines_of,
    monday_of,
    plan_of,
    review_of,
    week_to_plan,
)
from bihuan.act.plan.queries.what_if import WITHOUT, Without, job_without, without, without_as_json

__all__ = [
    "WITHOUT",
    "Capacity",
    "Outcome",
    "Review",
    "Row",
    "Week",
    "Without",
    "by_person",
    "capacities",
    "gathered",
    "in_words",
    "job_without",
    "lines_of",
    "locked_of",
    "monday_of",
    "ours",
    "plan_of",
    "review_of",
    "settings_of_plan",
    "wanted",
    "week_to_plan",
    "without",
    "without_as_json",
]
