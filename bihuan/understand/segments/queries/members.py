"""Who is in a segment, within a territory, as of a day."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb
import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from bihuan.base.access import Actor
from bihuan.base.scratch import scratch
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.segment import EVERYBODY, Definition, plan_members, read_definition
from bihuan.understand.segments.models import Mode, Segment, SegmentMember
from bihuan.understand.segments.queries.units import units_of

_TYPES = {"int64": "int64", "double": "float64", "string": "string", "bool": "boolean", "null": "json",
          "timestamp[us, tz=UTC]": "timestamp('UTC')"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Members:
    """`ids` ascending; `rows` are all units of the territory with the fields of the rule, one a unit, by id (for a static
    segment without fields); `undecided` are units of which the rule cannot be told."""

    unit: str
    ids: npt.NDArray[np.int64]
    rows: pa.Table
    undecided: tuple[int, ...] = ()

    @property
    def unknown(self) -> int:
        """Of how many units the rule cannot be told."""
        return len(self.undecided)

    @property
    def everybody(self) -> int:
        """How many units the territory has."""
        return int(self.rows.num_rows)

    @property
    def table(self) -> pa.Table:
        """The ids under the name that events have them by: account_id or person_id."""
        return pa.table({f"{self.unit}_id": pa.array(self.ids, pa.int64())})


def members(*, segment: Segment | Definition, actor: Actor, as_of: date) -> Members:
    """The members within the actor's territory; QuestionError when the rule does not fit what is known."""
    if isinstance(segment, Segment) and segment.mode == Mode.STATIC:
        return _listed(segment, actor=actor, as_of=as_of)
    definition = segment if isinstance(segment, Definition) else definition_of(segment)
    rows = units_of(
        unit=definition.unit, fields=definition.fields, day=as_of, actor=actor, behaviour=definition.behaviour
    )
    return inside(definition, rows=rows)


def inside(definition: Definition, *, rows: pa.Table) -> Members:
    """Those of the rows that the rule is true of."""
    schema = tuple((name, _TYPES[str(rows.schema.field(name).type)]) for name in ("unit", *definition.fields))
    try:
        with scratch() as tables:
            tables.register(EVERYBODY, _known(rows.select(["unit", *definition.fields])))
            found = tables.sql(_sql(definition, schema)).to_arrow_table()
    except duckdb.Error as error:
        raise QuestionError("segment", f"it cannot be computed: {error}") from None
    yes = found["inside"]
    ids = found.filter(yes)["unit"].to_numpy()
    undecided = tuple(sorted(found.filter(pc.is_null(yes))["unit"].to_pylist()))
    return Members(unit=definition.unit, ids=np.sort(ids), rows=rows, undecided=undecided)


@lru_cache(maxsize=512)
def _sql(definition: Definition, schema: tuple[tuple[str, str], ...]) -> str:
    """Compiling costs more than asking, so it is done once."""
    return str(ibis.to_sql(plan_members(definition, schema=dict(schema)), dialect="duckdb"))


def _known(rows: pa.Table) -> pa.Table:
    """Columns of which nothing is known as empty texts: DuckDB reads no others as JSON."""
    fields = [field if field.type != pa.null() else field.with_type(pa.string()) for field in rows.schema]
    return rows.cast(pa.schema(fields))


def _listed(segment: Segment, *, actor: Actor, as_of: date) -> Members:
    rows = units_of(unit=segment.unit, fields=(), day=as_of, actor=actor)
    listed = SegmentMember.objects.filter(segment=segment).values_list(f"{segment.unit}_id", flat=True)
    ids = np.intersect1d(rows["unit"].to_numpy(), np.fromiter(listed, dtype=np.int64))
    return Members(unit=segment.unit, ids=ids, rows=rows)


def segments_of(unit: str) -> QuerySet[Segment]:
    """Every segment of accounts, or of people."""
    return Segment.objects.filter(unit=unit)


def within(rows: QuerySet[Any], *, segment: Segment, actor: Actor, on: date) -> QuerySet[Any]:
    """Those of the rows (accounts, people, or what has their ids) that are in the segment on that day; none when its rule no
    longer fits what is known."""
    try:
        found = members(segment=segment, actor=actor, as_of=on)
    except QuestionError:
        return rows.none()
    return rows.filter(pk__in=_in_list(found.ids.tolist()))


def _in_list(ids: list[int]) -> RawSQL:
    """The ids as one parameter: a database takes only so many."""
    sql = "SELECT value FROM json_each(%s)"
    if connection.vendor == "postgresql":
        sql = "SELECT value::bigint FROM json_array_elements_text(%s::json) AS value"
    return RawSQL(sql, [json.dumps(ids)])  # noqa: S611 – two fixed texts; the ids are a parameter


def resolve(text: str, *, actor: Actor, field: str = "segment") -> Segment | Definition:
    """A rule, or the saved segment that @key names; QuestionError lists what there is."""
    if not text.startswith("@"):
        return read_definition({field: text}, field=field)
    if not actor.may("segments.view"):
        raise QuestionError(field, "saved segments need the permission 'segments.view'")
    found = Segment.objects.filter(key=text[1:]).first()
    if found is None:
        there = ", ".join(
            f"@{key}" for key in Segment.objects.order_by("key").values_list("key", flat=True)[:20]
        )
        raise QuestionError(field, f"there is no segment {text}; there is: {there or 'none yet'}")
    return found


def definition_of(segment: Segment) -> Definition:
    """The rule of a live segment."""
    return read_definition(
        {"unit": segment.unit, "rule": segment.rule, "behaviour": segment.behaviour or None}
    )


def said_of(segment: Segment | Definition) -> tuple[str, ...]:
    """Its lines in the definition of an answer."""
    if isinstance(segment, Segment) and segment.mode == Mode.STATIC:
        return (f"@{segment.key}: {segment.title}, a list written down on {segment.frozen_on}",)
    definition = segment if isinstance(segment, Definition) else definition_of(segment)
    name = f"@{segment.key}: " if isinstance(segment, Segment) else "segment "
    return (f"{name}{definition.rule}; by {definition.unit}; unknown is not inside",
            *(one.title for one in definition.behaviour))  # fmt: skip
