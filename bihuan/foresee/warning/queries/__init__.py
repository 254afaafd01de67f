"""Reads of the early warning: the risk of accounts, how far it can be believed, and the words for both."""

from bihuan.foresee.warning.queries import asked  # noqa: F401 - the question kind: warning
from bihuan.foresee.warning.queries.risks import RiskOf, last_scored, risk_of, risks_now
from bihuan.foresee.warning.queries.settings import VerdictNow, challenger, champion, settings_now, verdict
from bihuan.foresee.warning.queries.words import (
    changes_in_words,
    notes_in_words,
    risk_reasons_in_words,
    verdict_in_words,
)

__all__ = [
    "RiskOf",
    "VerdictNow",
    "challenger",
    "champion",
    "changes_in_words",
    "last_scored",
    "notes_in_words",
    "risk_of",
    "risk_reasons_in_words",
    "risks_now",
    "settings_now",
    "verdict",
    "verdict_in_words",
]
