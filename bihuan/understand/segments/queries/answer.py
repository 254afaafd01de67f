"""`kind: segment`: the members, their number over time, or what sets them apart."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.base.measures import measures
from bihuan.know.accounts.models import Account, Person
from bihuan.understand.engine.answer import Answer, QuestionError, plain
from bihuan.understand.engine.listing import Cell
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
    shape_list_of_segment,
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
    if asked.listed is not None:
        return _listed(asked, asked.listed, actor=actor, segment=segment)
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


def _listed(asked: SegmentQuestion, cell: Cell, *, actor: Actor, segment: Segment | Definition) -> Answer:
    """Who is behind one number of any of the forms."""
    day = cell.get("bucket") or (asked.days[-1] if asked.days else asked.as_of)
    found = members(segment=segment, actor=actor, as_of=day)
    said = (*said_of(segment), f"as of {day}")
    everybody = found.rows["unit"].to_pylist()
    ids: Collection[int] = {"size": found.ids.tolist(), "everybody": everybody, None: found.undecided}.get(
        cell.get("of"), ()
    )
    if asked.compare is not None:
        other, said = _other_side(found, asked=asked, actor=actor, said=said)
        sides = {"a": found.ids, "b": other.units, "both": np.intersect1d(found.ids, other.units)}
        ids = sides[cell.get("of")].tolist()
        if "measure" in cell:
            name = cell.get("measure")
            measured = _values(
                found.unit, asked=replace(asked, measures=(name,)), actor=actor, units=found.rows["unit"].to_numpy(), day=day
            )[name]  # fmt: skip
            ids = [pk for pk in ids if pk in measured]
    if "series" in cell and asked.by is not None:
        value_of = _by_unit(found.unit, asked.by, day=day, actor=actor)
        wanted = NONE if cell.get("series") is None else cell.get("series")
        ids = [pk for pk in ids if value_of[pk] == wanted]
    return shape_list_of_segment(unit=found.unit, ids=sorted(ids), cell=cell, definition=said, as_of=day)


def _by_unit(unit: str, by: str, *, day: date, actor: Actor) -> dict[int, str]:
    """The value of the breakdown of every unit of the territory."""
    if by.startswith("person.") and unit == "account":
        raise QuestionError("by", "an account has many people; name a field of the account")
    rows = units_of(unit=unit, fields=[by], day=day, actor=actor)
    values = [NONE if value is None else str(value) for value in rows[by].to_pylist()]
    return dict(zip(rows["unit"].to_pylist(), values, strict=True))


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
    values = _by_unit(found.unit, asked.by, day=asked.as_of, actor=actor)
    inside = Counter(values[pk] for pk in found.ids.tolist())
    return shape_groups(
        by=asked.by, inside=inside, everybody=Counter(values.values()), definition=said, as_of=asked.as_of
    )


def _compared(
    found: Members, *, asked: SegmentQuestion, actor: Actor, segment: Segment | Definition, said: tuple[str, ...]
) -> Answer:  # fmt: skip
    everybody = found.rows["unit"].to_numpy()
    other, said = _other_side(found, asked=asked, actor=actor, said=said)
    values = _values(found.unit, asked=asked, actor=actor, units=everybody, day=asked.as_of)
    return shape_compare(
        a=Group(name=asked.segment, units=found.ids),
        b=other,
        values=values,
        definition=said,
        as_of=asked.as_of,
    )


def _other_side(
    found: Members, *, asked: SegmentQuestion, actor: Actor, said: tuple[str, ...]
) -> tuple[Group, tuple[str, ...]]:
    """What a segment is compared with, and what the definition says of both."""
    assert asked.compare is not None
    if asked.compare == REST:
        other = Group(name=REST, units=np.setdiff1d(found.rows["unit"].to_numpy(), found.ids))
    else:
        against = resolve(asked.compare, actor=actor, field="compare")
        others = members(segment=against, actor=actor, as_of=asked.as_of)
        if others.unit != found.unit:
            raise QuestionError("compare", f"it is about {others.unit}s, the segment about {found.unit}s")
        other = Group(name=asked.compare, units=others.ids)
        said = (*said, *said_of(against))
    return other, said


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
