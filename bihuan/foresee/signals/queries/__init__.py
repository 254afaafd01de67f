"""Reads of signals: their words, of whom a kind's rule is true, and what people did with them."""

from bihuan.foresee.signals.queries.evaluate import Preview, Seen, previewed, subjects_of
from bihuan.foresee.signals.queries.precision import Precision, precision_of
from bihuan.foresee.signals.queries.wording import kind_in_words, sentence_in_words, wanted_in_words
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
    "kind_in_words",
    "kinds",
    "kinds_hidden_from",
    "kinds_looked_for",
    "open_for",
    "precision_of",
    "previewed",
    "register_kind",
    "sentence_in_words",
    "sentence_of",
    "subjects_of",
    "title_of",
    "titles",
    "told",
    "wanted_in_words",
]
