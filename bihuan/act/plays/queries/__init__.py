"""Reads of plays: whom they could be for, how runs ended, what they were good for."""

from bihuan.act.plays.queries.candidates import Candidate, candidates
from bihuan.act.plays.queries.dry import DryRun, dry_run
from bihuan.act.plays.queries.effects import PlayEffect, effects, so_far
from bihuan.act.plays.queries.naming import titles
from bihuan.act.plays.queries.objections import Against, Objection, objections
from bihuan.act.plays.queries.outcomes import Outcome, matched_of, outcome_of, outcomes
from bihuan.act.plays.queries.results import (
    RunResult,
    item_of,
    minutes_of,
    name_of,
    results_of,
    runs_waiting_for,
)
from bihuan.act.plays.queries.whom import NotTold, Whom, audiences_of, fired, standings_by_number

__all__ = [
    "Against",
    "Candidate",
    "DryRun",
    "NotTold",
    "Objection",
    "Outcome",
    "PlayEffect",
    "RunResult",
    "Whom",
    "audiences_of",
    "candidates",
    "dry_run",
    "effects",
    "fired",
    "item_of",
    "matched_of",
    "minutes_of",
    "name_of",
    "objections",
    "outcome_of",
    "outcomes",
    "results_of",
    "runs_waiting_for",
    "so_far",
    "standings_by_number",
    "titles",
]
