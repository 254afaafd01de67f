"""Questions about accounts and people as they are: one row a unit of the segment, then pure arithmetic."""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from bihuan.base.access import Actor
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.reach import reach_of
from bihuan.understand.segments import queries


def units_of(*, unit: str, fields: Iterable[str], segment: str | None, day: date, actor: Actor) -> pa.Table:
    """`unit` (id), `account` (id, may be null), and each field under its own name, of those in the segment.

    A field is account.<name>, person.<name> (of the model, or imported) or m.<measure> as of the day; a person has the
    fields of the account it belongs to on that day. QuestionError for a measure or property that there is not.
    """
    wanted = list(dict.fromkeys(fields))
    if unit == "account" and (whose := [name for name in wanted if name.startswith("person.")]):
        raise QuestionError(
            whose[0], "an account has many people; ask with unit: person, or name a field of the account"
        )
    rows = queries.units_of(unit=unit, fields=wanted, day=day, actor=actor)
    for column, ids in reach_of(actor=actor, segment=segment, day=day).items():
        whose_id = rows["unit"] if column == f"{unit}_id" else rows["account"]
        if column == "person_id" and unit == "account":
            raise QuestionError("segment", "it is about people; ask with unit: person")
        rows = rows.filter(pc.is_in(whose_id, value_set=ids[column].combine_chunks()))
    return rows
