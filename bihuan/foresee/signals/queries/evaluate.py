"""Of whom a kind's rule is true as of a day: one pass over every unit, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from bihuan.base.access import Actor
from bihuan.base.rules import RuleError, filter_of
from bihuan.base.scratch import scratch
from bihuan.foresee.signals.queries.units import Needed, units_with
from bihuan.foresee.signals.rules import KindError, Wanted, column_of, numbers_of
from bihuan.understand.engine.answer import QuestionError

UNITS = "units"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One subject of which the rule is true: its id (a name for features), its account if it has one, the numbers."""

    unit: Any
    account: int | None
    numbers: dict[str, Any]


def subjects_of(wanted: Sequence[Wanted], *, day: date, actor: Actor) -> list[list[Seen] | KindError]:
    """For each kind those of the actor's territory of which its rule is true at the end of the day, or why it cannot be told.

    What several kinds need is computed once. Measures are as they were known on their day; what `before` counts of
    behaviour is counted as it is known on `day`, so that events which came late or were imported have their past.
    """
    found: list[list[Seen] | KindError | None] = [None] * len(wanted)
    for about in dict.fromkeys(one.about for one in wanted):
        places = [place for place, one in enumerate(wanted) if one.about == about]
        together = [wanted[place] for place in places]
        try:
            for place, seen in zip(places, _seen(together, day=day, actor=actor), strict=True):
                found[place] = seen
        except (QuestionError, KindError):
            # One of them fails: the others must not suffer for it.
            for place in places:
                found[place] = _alone(wanted[place], day=day, actor=actor)
    return [one if one is not None else [] for one in found]


def _alone(wanted: Wanted, *, day: date, actor: Actor) -> list[Seen] | KindError:
    try:
        (seen,) = _seen([wanted], day=day, actor=actor)
    except KindError as error:
        return error
    except QuestionError as error:
        return KindError("rule", str(error))
    return seen


def _seen(wanted: Sequence[Wanted], *, day: date, actor: Actor) -> list[list[Seen]]:
    """Units of each kind, all of one subject."""
    needed = Needed(about=wanted[0].about, day=day)
    names = [{column: needed.take(column, kind=one) for column in one.columns} for one in wanted]
    rows = units_with(needed, actor=actor)
    return [_true_of(one, rows=rows, names=columns) for one, columns in zip(wanted, names, strict=True)]


def _true_of(wanted: Wanted, *, rows: pa.Table, names: dict[str, str]) -> list[Seen]:
    """`names` says in which column of the rows a column of the kind lies."""
    table = pa.table(
        {"unit": rows["unit"], "account": rows["account"]}
        | {column: rows[name] for column, name in names.items()}
    )
    schema = tuple((field.name, _type_of(field.type)) for field in table.schema)
    try:
        with scratch() as tables:
            tables.register(UNITS, _known(table))
            kept = tables.sql(_sql(wanted.rule, schema)).to_arrow_table()
    except RuleError as error:
        raise KindError("rule", str(error)) from None
    except duckdb.Error as error:
        raise KindError("rule", f"it cannot be computed: {error}") from None
    return [
        Seen(unit=row.pop("unit"), account=row.pop("account"), numbers=numbers_of(wanted, row))
        for row in kept.sort_by("unit").to_pylist()
    ]


@lru_cache(maxsize=512)
def _sql(rule: str, schema: tuple[tuple[str, str], ...]) -> str:
    """Compiling costs more than asking, so it is done once."""
    table = ibis.table(dict(schema), name=UNITS)
    inside = filter_of(rule, resolve=lambda path: table[column_of(path)])
    return str(ibis.to_sql(table.filter(inside), dialect="duckdb"))


def _type_of(kind: pa.DataType) -> str:
    if kind == pa.null():
        return "json"
    if pa.types.is_timestamp(kind):
        return "timestamp('UTC')"
    return {"int64": "int64", "double": "float64", "string": "string", "bool": "boolean"}[str(kind)]


def _known(rows: pa.Table) -> pa.Table:
    """Columns of which nothing is known as empty texts: DuckDB reads no others as JSON."""
    fields = [field if field.type != pa.null() else field.with_type(pa.string()) for field in rows.schema]
    return rows.cast(pa.schema(fields))


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Whom a kind would find today, and for each of the last weeks' days (the oldest first) how many it would have found
    and how many of them were not found a week before."""

    today: list[Seen]
    weeks: list[tuple[date, int, int]]


def previewed(wanted: Wanted, *, day: date, actor: Actor, weeks: int = 12) -> Preview:
    """KindError when it cannot be told. Fields of records are as they are today."""
    days = [day - timedelta(weeks=back) for back in range(weeks, -1, -1)]
    found = []
    for one in days:
        seen = _alone(replace(wanted, says=wanted.says if one == day else ()), day=one, actor=actor)
        if isinstance(seen, KindError):
            raise seen
        found.append(seen)
    units = [{one.unit for one in seen} for seen in found]
    lines = [
        (days[place], len(units[place]), len(units[place] - units[place - 1]))
        for place in range(1, len(days))
    ]
    return Preview(today=found[-1], weeks=lines)
