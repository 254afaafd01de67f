"""Who counts: the actor's territory and the segment of a question, as tables that stand beside the events."""

from collections.abc import Mapping
from typing import Any

import ibis
import pyarrow as pa

from bihuan.base.access import Actor, Reach
from bihuan.capture.store import get_store
from bihuan.know.accounts.models import Account, Person
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.scope import plan_segment

SEGMENT_COLUMNS = {"name": "string", "tier": "string", "stage": "string", "industry": "string", "country": "string",
                   "city": "string", "size": "int64", "region": "string", "key": "string"}  # fmt: skip
PERSON_COLUMNS = ("name", "title", "key", "anonymous")
_KNOWN = "known_accounts"


def accounts_in_reach(*, actor: Actor, fields: Mapping[str, str] = SEGMENT_COLUMNS) -> pa.Table:
    """account_id and the columns a segment may speak of, for the actor's territory; empty texts are nulls."""
    paths = ["region__name" if name == "region" else name for name in fields]
    rows = list(Account.objects.visible_to(actor).values_list("pk", *paths))
    columns = list(zip(*rows, strict=True)) or [()] * (len(fields) + 1)
    types = {"string": pa.string(), "int64": pa.int64()}
    arrays = [pa.array(columns[0], pa.int64())]
    for values, kind in zip(columns[1:], fields.values(), strict=True):
        arrays.append(pa.array([None if value == "" else value for value in values], types[kind]))
    return pa.table(arrays, names=["account_id", *fields])


def reach_of(*, actor: Actor, segment: str | None) -> dict[str, pa.Table]:
    """The units that count, by the column of events that names them; empty when everything counts."""
    if segment is None:
        if actor.reach == Reach.ALL:
            return {}
        return {"account_id": accounts_in_reach(actor=actor, fields={})}
    known = ibis.table({"account_id": "int64", **SEGMENT_COLUMNS}, name=_KNOWN)
    store = get_store()
    sql = store.sql(("segment", segment), lambda: plan_segment(segment, accounts=known))
    return {"account_id": store.execute(sql, tables={_KNOWN: accounts_in_reach(actor=actor)})}


def traits_of(trait: tuple[str, str], *, actor: Actor) -> pa.Table:
    """account_id or person_id and `value`, the text of one field or imported property; QuestionError lists the fields."""
    whose, name = trait
    objects: Any = Account.objects if whose == "account" else Person.objects
    fields = tuple(SEGMENT_COLUMNS) if whose == "account" else PERSON_COLUMNS
    path = "region__name" if (whose, name) == ("account", "region") else name if name in fields else "props"
    rows = objects.visible_to(actor).values_list("pk", path)
    values = [(pk, value.get(name) if path == "props" else value) for pk, value in rows]
    if path == "props" and values and all(value is None for _, value in values):
        raise QuestionError(
            "by", f"no {whose} has {name!r}; there is: {', '.join(fields)}, or an imported property"
        )
    texts = [None if value in ("", None) else str(value) for _, value in values]
    ids = pa.array([pk for pk, _ in values], pa.int64())
    return pa.table([ids, pa.array(texts, pa.string())], names=[f"{whose}_id", "value"])
