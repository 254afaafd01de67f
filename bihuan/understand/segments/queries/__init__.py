"""Reads of segments: who is in, and the question about it."""

from bihuan.understand.segments.queries.answer import answer_segment
from bihuan.understand.segments.queries.members import (
    Members,
    definition_of,
    inside,
    members,
    resolve,
    said_of,
    segments_of,
    within,
)
from bihuan.understand.segments.queries.units import ACCOUNT_FIELDS, PERSON_FIELDS, fields_of, units_of
from bihuan.understand.segments.queries.wording import names_of, rule_in_words

__all__ = [
    "ACCOUNT_FIELDS",
    "PERSON_FIELDS",
    "Members",
    "answer_segment",
    "definition_of",
    "fields_of",
    "inside",
    "members",
    "names_of",
    "resolve",
    "rule_in_words",
    "said_of",
    "segments_of",
    "units_of",
    "within",
]
