"""Asking: a question as a document in, an answer out, within the actor's territory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any

from django.core.exceptions import PermissionDenied

from bihuan.base.access import Actor
from bihuan.capture.store import StoreError, get_store
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.explore.event_kinds import names_of, register_event_kind
from bihuan.understand.explore.kinds_of_units import register_unit_kinds
from bihuan.understand.explore.reach import SEGMENT_COLUMNS, accounts_in_reach
from bihuan.understand.explore.registry import kind_of
from bihuan.understand.metrics.queries import register_asker

__all__ = ["SEGMENT_COLUMNS", "accounts_in_reach", "ask", "event_names", "names_of"]


def ask(*, question: Any, actor: Actor, at: datetime) -> Answer:
    """Answer a question; QuestionError for a wrong one, PermissionDenied for one the actor may not ask."""
    if not isinstance(question, Mapping):
        raise QuestionError("question", "write a document with a kind, such as kind: trend")
    asked = kind_of(question)
    if not actor.may(asked.permission):
        raise PermissionDenied(asked.permission)
    started = perf_counter()
    answer = asked.answer(question=question, actor=actor, at=at)
    return replace(answer, question=dict(question), took_ms=1000 * (perf_counter() - started))


def event_names() -> list[str]:
    """The names of all events that have arrived, in order; none while the store cannot be asked."""
    try:
        return sorted(row["name"] for row in get_store().execute("SELECT name FROM names").to_pylist())
    except StoreError:
        return []


for kind in KINDS:
    register_event_kind(kind)
register_unit_kinds()
register_asker(ask)
