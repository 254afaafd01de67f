"""`kind: segment`: the members, their number over time, or what sets them apart."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.base.measures import measures
from bihuan.know.accounts.models import Account, Person
from bihuan.understand.engine.answer import Answer, QuestionError, plain
from bihuan.understand.engine.scope import NONE, Selector
from bihuan.understand.engine.segment import (
    MEASURED,
    Behaviour,
    Definition,
    Group,
    SegmentQuestion,
    read_segment,
    shape_compare,
    shape_groups,
    shape_members,
    shape_sizes,
)
from bihuan.understand.engine.segment.question import REST
from bihuan.understand.segments.models import Segment
from bihuan.understand.segments.queries.members import Members, members, resolve, said_of
from bihuan.understand.segments.queries.units import units_of

#: What people are compared in.
_DONE = tuple(
    Behaviour(name=name, selector=Selector(), days=28, count="days" if name == "active_days" else "events")
    for name in MEASURED
)


def answer_segment(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """The answer within the actor's territory."""
    asked = read_segment(question, today=timezone.localdate(at))
    segment = asked.definition or resolve(asked.segment, actor=actor)
    if asked.days:
        sizes = [(day, members(segment=segment, actor=actor, as_of=day)) for day in asked.days]
        return shape_sizes(
            sizes=[(day, len(found.ids)) for day, found in sizes],
            everybody=sizes[-1][1].everybody,
            definition=said_of(segment),
        )
    found = members(segment=segment, actor=actor, as_of=asked.as_of)
    said = (*said_of(segment), f"as of {asked.as_of}")
    if asked.by is not None:
        return _groups(found, asked=asked, actor=actor, said=said)
    if asked.compare is None:
        return _members(found, asked=asked, said=said)
    return _compared(found, asked=asked, actor=actor, segment=segment, said=said)


def _members(found: Members, *, asked: SegmentQuestion, said: tuple[str, ...]) -> Answer:
    fields = [name for name in found.rows.column_names if name not in ("unit", "account")]
    objects: Any = Account.objects if found.unit == "account" else Person.objects
    named = {row.pk: row for row in objects.in_bulk(found.ids.tolist())
             .values()}  # fmt: skip
    shown = sorted(found.ids.tolist(), key=lambda pk: (str(named[pk]), pk))[: asked.top]
    places = np.searchsorted(found.rows["unit"].to_numpy(), shown)
    columns = [found.rows[name].take(places).to_pylist() if len(shown) else [] for name in fields]
    rows = [
        (pk, named[pk].key, str(named[pk]), *(plain(column[i]) for column in columns))
        for i, pk in enumerate(shown)
    ]
    return shape_members(
        unit=found.unit, rows=rows, fields=fields, size=len(found.ids), everybody=found.everybody, unknown=found.unknown,
        definition=said, as_of=asked.as_of,
    )  # fmt: skip


def _groups(found: Members, *, asked: SegmentQuestion, actor: Actor, said: tuple[str, ...]) -> Answer:
    assert asked.by is not None
    if asked.by.startswith("person.") and found.unit == "account":
        raise QuestionError("by", "an account has many people; name a field of the account")
    rows = units_of(unit=found.unit, fields=[asked.by], day=asked.as_of, actor=actor)
    values = [NONE if value is None else str(value) for value in rows[asked.by].to_pylist()]
    members = set(found.ids.tolist())
    inside = Counter(
        value for pk, value in zip(rows["unit"].to_pylist(), values, strict=True) if pk in members
    )
    return shape_groups(
        by=asked.by, inside=inside, everybody=Counter(values), definition=said, as_of=asked.as_of
    )


def _compared(
    found: Members, *, asked: SegmentQuestion, actor: Actor, segment: Segment | Definition, said: tuple[str, ...]
) -> Answer:  # fmt: skip
    assert asked.compare is not None
    everybody = found.rows["unit"].to_numpy()
    if asked.compare == REST:
        other = Group(name=REST, units=np.setdiff1d(everybody, found.ids))
    else:
        against = resolve(asked.compare, actor=actor, field="compare")
        others = members(segment=against, actor=actor, as_of=asked.as_of)
        if others.unit != found.unit:
            raise QuestionError("compare", f"it is about {others.unit}s, the segment about {found.unit}s")
        other = Group(name=asked.compare, units=others.ids)
        said = (*said, *said_of(against))
    values = _values(found.unit, asked=asked, actor=actor, units=everybody, day=asked.as_of)
    return shape_compare(
        a=Group(name=asked.segment, units=found.ids),
        b=other,
        values=values,
        definition=said,
        as_of=asked.as_of,
    )


def _values(
    unit: str, *, asked: SegmentQuestion, actor: Actor, units: npt.NDArray[np.int64], day: date
) -> dict[str, dict[int, float]]:
    """Numbers by measure and unit: of accounts every measure asked for, of people what they did."""
    names = asked.measures or (tuple(measures()) if unit == "account" else MEASURED)
    if unit == "person" and not set(names) <= set(MEASURED):
        raise QuestionError("measures", f"people are compared in {', '.join(MEASURED)}")
    prefix = "m" if unit == "account" else "behaviour"
    rows = units_of(
        unit=unit, fields=[f"{prefix}.{name}" for name in names], day=day, actor=actor, behaviour=_DONE
    )
    ids = rows["unit"].to_pylist()
    return {
        name: {
            pk: float(v)
            for pk, v in zip(ids, rows[f"{prefix}.{name}"].to_pylist(), strict=True)
            if v is not None
        }
        for name in names
    }
