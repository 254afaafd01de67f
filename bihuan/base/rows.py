"""Rows read and written with statements that are composed once.

Django composes the SQL of every statement anew, which takes it longer than the database takes to answer, and sends it to
PostgreSQL with the values inside, so that it is parsed and planned anew too. Where hundreds of rows a second are written this
is most of the time. Here a statement is text that is kept, with the values beside it; PostgreSQL prepares what comes again. The
values go through the model's own fields. Everywhere else the ORM is right: it reads better.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import NotSupportedError, connection, connections, models

_Row = TypeVar("_Row", bound=models.Model)
#: Rows of one INSERT: each number of rows is a statement of its own.
AT_ONCE = 8
#: What such a field holds is what the database takes.
_PLAIN: dict[type, type] = {
    models.CharField: str, models.TextField: str, models.BigIntegerField: int, models.IntegerField: int,
    models.PositiveIntegerField: int, models.PositiveSmallIntegerField: int, models.SmallIntegerField: int,
}  # fmt: skip
_Converters = tuple[tuple[int, Any, tuple[Callable[..., Any], ...]], ...]


def read_rows(
    model: type[_Row], where: str, parameters: Sequence[Any], *, locked: bool = False
) -> list[_Row]:
    """Rows by a condition in SQL with %s for its parameters, in the order of their keys; `locked` until the transaction ends
    where the database can."""
    head, converters, names = _select(model)
    tail = " FOR UPDATE" if locked and connection.features.has_select_for_update else ""
    found = _run(f"{head} WHERE {where} ORDER BY {_key(model)}{tail}", parameters, answers=True)
    rows = []
    for raw in found:
        values = list(raw)
        for place, column, chain in converters:
            value = values[place]
            for converter in chain:
                value = converter(value, column, connection)
            values[place] = value
        rows.append(model.from_db(connection.alias, names, values))
    return rows


def update_row(row: models.Model, fields: Sequence[str]) -> bool:
    """Write these fields of a row that is there; False when it is not."""
    sql, columns = _update(type(row), tuple(fields))
    values = [_prepared(one, getattr(row, one.attname)) for one in columns]
    return bool(_run(sql, [*values, row.pk]) == 1)


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of many rows of one model that are there, one statement sent again and again."""
    if not rows:
        return
    sql, columns = _update(type(rows[0]), tuple(fields))
    values = [[*(_prepared(one, getattr(row, one.attname)) for one in columns), row.pk] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def insert_rows(rows: Sequence[_Row]) -> None:
    """Write new rows, which have their keys afterwards."""
    for begin in range(0, len(rows), AT_ONCE):
        _insert_some(rows[begin : begin + AT_ONCE])


def delete_rows(model: type[models.Model], where: str, parameters: Sequence[Any]) -> int:
    """How many rows were deleted; only for tables that nothing else points to."""
    return int(_run(f"DELETE FROM {_table(model)} WHERE {where}", parameters))


def _insert_some(rows: Sequence[_Row]) -> None:
    model = type(rows[0])
    sql, columns = _insert(model, len(rows), connection.features.can_return_rows_from_bulk_insert)
    values = [_prepared(one, one.pre_save(row, add=True)) for row in rows for one in columns]
    if model._meta.auto_field is None:
        _run(sql, values)
    else:
        for row, (key,) in zip(rows, _run(sql, values, answers=True), strict=True):
            row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _prepared(field: Any, value: Any) -> Any:
    """The value as the database takes it. What a field of texts or whole numbers would only look at and give back goes by."""
    if value is None or type(value) is _PLAIN.get(type(field)):
        return value
    if type(field) is models.DateTimeField and type(value) is datetime:
        return _moment(value, connection.alias)
    return field.get_db_prep_save(value, connection)


@lru_cache(maxsize=256)
def _moment(value: datetime, alias: str) -> Any:
    """What is written together happened at one moment, so few are asked for again and again."""
    return models.DateTimeField().get_db_prep_save(value, connections[alias])


def _run(sql: str, parameters: Sequence[Any], *, answers: bool = False) -> Any:
    """The rows that a statement answers with, else how many it touched."""
    if connection.vendor != "postgresql" or connection.execute_wrappers or connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if answers else cursor.rowcount
    import psycopg

    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as plain:
        plain.execute(sql.encode(), parameters)
        return plain.fetchall() if answers else plain.rowcount


@lru_cache(maxsize=100)
def _select(model: type[models.Model]) -> tuple[str, _Converters, tuple[str, ...]]:
    fields = model._meta.concrete_fields
    converters = []
    for place, field in enumerate(fields):
        column = field.cached_col
        chain = (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
        if chain:
            converters.append((place, column, chain))
    names = ", ".join(_column(field) for field in fields)
    return f"SELECT {names} FROM {_table(model)}", tuple(converters), tuple(one.attname for one in fields)


@lru_cache(maxsize=200)
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    fields: tuple[Any, ...] = tuple(model._meta.get_field(name) for name in names)
    changes = ", ".join(f"{_column(one)} = %s" for one in fields)
    return f"UPDATE {_table(model)} SET {changes} WHERE {_key(model)} = %s", fields


@lru_cache(maxsize=200)
def _insert(model: type[models.Model], rows: int, returning: bool) -> tuple[str, tuple[Any, ...]]:
    key = model._meta.auto_field
    if key is not None and not returning:
        raise NotSupportedError("this database does not return the keys of new rows")
    fields = tuple(one for one in model._meta.concrete_fields if one is not key)
    names = ", ".join(_column(one) for one in fields)
    one = "(" + ", ".join(["%s"] * len(fields)) + ")"
    tail = "" if key is None else f" RETURNING {_key(model)}"
    return f"INSERT INTO {_table(model)} ({names}) VALUES {', '.join([one] * rows)}{tail}", fields


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


def _key(model: type[models.Model]) -> str:
    return _column(model._meta.pk)


def _column(field: Any) -> str:
    return _quoted(field.column)
