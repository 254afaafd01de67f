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
from bihuan.understand.engine.fields import schema_of
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.engine.segment import FIELDS
from bihuan.understand.explore.event_kinds import event_names, names_of, register_event_kind
from bihuan.understand.explore.kinds_of_units import register_unit_kinds
from bihuan.understand.explore.reach import only_visible
from bihuan.understand.explore.registry import Kind, kind_of, register_kind
from bihuan.understand.explore.running import under_way
from bihuan.understand.metrics.queries import register_asker
from bihuan.understand.segments.queries import answer_segment

MANY_EVENTS = 2_000_000

__all__ = ["ask", "event_names", "is_large", "names_of", "only_visible", "units_listed"]


def ask(*, question: Any, actor: Actor, at: datetime, name: str = "") -> Answer:
    """Answer a question; QuestionError for a wrong one, PermissionDenied for one the actor may not ask.

    Under a `name` of NAME_PATTERN it can be looked at and ended while it is under way (`running`): then Cancelled.
    """
    if not isinstance(question, Mapping):
        raise QuestionError("question", "write a document with a kind, such as kind: trend")
    asked = kind_of(question)
    if not actor.may(asked.permission):
        raise PermissionDenied(asked.permission)
    started = perf_counter()
    with under_way(name=name, kind=asked.name, actor=actor):
        answer = asked.answer(question=question, actor=actor, at=at)
    return replace(answer, question=dict(question), took_ms=1000 * (perf_counter() - started))


def is_large() -> bool:
    """Whether there are so many events that an answer may take seconds."""
    try:
        return get_store().rows() > MANY_EVENTS
    except StoreError:
        return False


def units_listed(answer: Answer) -> tuple[str, list[int]]:
    """(unit, ids) of an answer whose rows are accounts or people, or cases of accounts; QuestionError for any other."""
    for n, column in enumerate(answer.columns):
        unit, ids = column.name.removesuffix("_id"), [row[n] for row in answer.rows if row[n] is not None]
        if unit in ("account", "person") and all(isinstance(one, int) for one in ids):
            return unit, list(dict.fromkeys(ids))
    raise QuestionError(
        "question",
        "its rows are not accounts or people; ask for who is behind a number with list, or a segment",
    )


for kind in KINDS:
    register_event_kind(kind)
register_unit_kinds()
register_kind(Kind(
    name="segment", permission="segments.view", answer=answer_segment, fields=FIELDS,
    schema=schema_of("segment", FIELDS, required=("segment",)), example="""kind: segment
unit: account
segment: 'behaviour.exports >= 3 && measure.active_people < 5'
behaviour:
  exports: {event: report_exported, where: 'props.rows > 10', last: 28d}
""",
))  # fmt: skip
register_asker(ask)
