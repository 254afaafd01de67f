"""Reads of signals: their words, of whom a kind's rule is true, and what people did with them."""

from bihuan.foresee.signals.queries.evaluate import Preview, Seen, previewed, subjects_of
from bihuan.foresee.signals.queries.precision import Precision, precision_of
from bihuan.foresee.signals.queries.words import (
    HEALTH_FELL,
    METRIC_ALERT,
    SEVERITY_KINDS,
    SUBJECTS,
    SignalKind,
    Told,
    in_words,
    kinds,
    kinds_hidden_from,
    kinds_looked_for,
    open_for,
    register_kind,
    sentence_of,
    title_of,
    titles,
    told,
)

__all__ = [
    "HEALTH_FELL",
    "METRIC_ALERT",
    "SEVERITY_KINDS",
    "SUBJECTS",
    "Precision",
    "Preview",
    "Seen",
    "SignalKind",
    "Told",
    "in_words",
    "kinds",
    "kinds_hidden_from",
    "kinds_looked_for",
    "open_for",
    "precision_of",
    "previewed",
    "register_kind",
    "sentence_of",
    "subjects_of",
    "title_of",
    "titles",
    "told",
]
