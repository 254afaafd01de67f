"""Who counts: the actor's territory and the segment of a question, as tables that stand beside the events."""

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Account, Person
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.segments.queries import fields_of, members, resolve, said_of

UNSEEN = "counted, not listed: you may not see them"


def accounts_in_reach(*, actor: Actor) -> pa.Table:
    """The account_id of the actor's territory."""
    ids = list(Account.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True))
    return pa.table({"account_id": pa.array(ids, pa.int64())})


def reach_of(*, actor: Actor, segment: str | None, day: date) -> dict[str, pa.Table]:
    """The units that count, by the column of events that names them; empty when everything counts.

    `segment` is a rule or @key, taken as of the day. A segment of people also stays within the actor's accounts.
    """
    if segment is None:
        return {} if actor.reach == Reach.ALL else {"account_id": accounts_in_reach(actor=actor)}
    try:
        found = members(segment=resolve(segment, actor=actor), actor=actor, as_of=day)
    except QuestionError as error:
        if error.field.startswith("segment"):
            raise
        raise QuestionError("segment", str(error)) from None
    reach = {f"{found.unit}_id": found.table}
    if found.unit == "person" and actor.reach != Reach.ALL:
        reach["account_id"] = accounts_in_reach(actor=actor)
    return reach


def only_visible(answer: Answer, *, actor: Actor) -> Answer:
    """A list without those whom the actor may not see, or who are known no more; they stay counted."""
    unit = answer.columns[0].name
    if unit not in ("account", "person"):
        return answer
    objects: Any = Account.objects if unit == "account" else Person.objects
    ids = [row[0] for row in answer.rows]
    seen = set(objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    rows = tuple(row for row in answer.rows if row[0] in seen)
    hidden = len(answer.rows) - len(rows)
    left_out = answer.left_out | ({UNSEEN: hidden} if hidden else {})
    return replace(
        answer, rows=rows, left_out=left_out, nobody={**answer.nobody, UNSEEN: "outside of what you may see"}
    )


def segment_lines(*, actor: Actor, segment: str | None, day: date) -> tuple[str, ...]:
    """What a definition says of a saved segment; a rule speaks for itself."""
    if segment is None or not segment.startswith("@"):
        return ()
    return (*said_of(resolve(segment, actor=actor)), f"segment as of {day}")


def traits_of(trait: tuple[str, str]) -> pa.Table:
    """account_id or person_id and `value`, the text of one field or imported property; QuestionError lists the fields."""
    whose, name = trait
    values, _kind = fields_of(whose, name, field="by")
    ids = pa.array(values, pa.int64())
    return pa.table([ids, pa.array(map(str, values.values()), pa.string())], names=[f"{whose}_id", "value"])
