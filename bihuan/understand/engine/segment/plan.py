"""Segments as expressions: behaviour where the events lie, the rule over one row a unit."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import ibis
import ibis.expr.types as ir

from bihuan.base.rules import RuleError, value_of
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.scope import COLUMNS, chosen
from bihuan.understand.engine.segment.definition import Behaviour, Definition, column_of

EVERYBODY = "everybody"


def plan_behaviour(
    behaviour: Behaviour, *, unit: str, events: ir.Table, day: date, cutoff: datetime, internal_source: int
) -> ir.Table:
    """`unit` and `value`, a row for each unit that did it; only events that were known by `cutoff`, the end of the day."""
    field = f"behaviour.{behaviour.name}"
    key = COLUMNS[unit]
    t = events.filter(
        events.day.between(day - timedelta(days=behaviour.days - 1), day),
        events.received_at < ibis.literal(cutoff, type="timestamp('UTC')"),
        events[key].notnull(),
    )
    t = t.filter(chosen(t, behaviour.selector, internal_source=internal_source, field=field))
    value = t.day.nunique() if behaviour.count == "days" else t.count()
    return t.group_by(unit=t[key]).aggregate(value=value.cast("int64"))


def plan_members(definition: Definition, *, schema: Mapping[str, str], field: str = "segment") -> ir.Table:
    """`unit` and `inside` over the table EVERYBODY of one row a unit; `inside` is null where the rule is unknown.

    `schema`: the type of `unit` and of each of the definition's fields. A field of which nothing is known has the type
    json and is null.
    """
    table = ibis.table(dict(schema), name=EVERYBODY)
    try:
        inside = value_of(definition.rule, resolve=lambda path: table[column_of(path)])
    except RuleError as error:
        raise QuestionError(field, str(error)) from None
    if isinstance(inside, ir.JSONValue):
        inside = inside.bool
    if not isinstance(inside, ir.BooleanValue):
        raise QuestionError(field, f"the rule must answer yes or no: {definition.rule!r}")
    return table.select(unit=table.unit, inside=inside)
