"""Record tables as Arrow, read without a row object or a converter for each value: lists of measures read hundreds of thousands
of rows at once."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

#: Fewer rows than make Python look for rubbish: looking through all that an installation holds takes longer than the rows.
AT_ONCE = 500


def record_table(table: str, columns: Iterable[str]) -> pa.Table:
    """Columns of a record table as Arrow: exact types from the model, so that an empty table has them too;
    decimals are doubles."""
    model = next(m for m in _models() if m._meta.db_table == table)
    names = list(columns)
    fields = [next(f for f in model._meta.concrete_fields if f.column == name) for name in names]
    types = [_arrow_type(field) for field in fields]
    said = ", ".join(
        _read_as(connection.ops.quote_name(name), kind) for name, kind in zip(names, types, strict=True)
    )
    schema = pa.schema(zip(names, types, strict=True))
    held: list[list[Any]] = [[] for _name in names]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {said} FROM {connection.ops.quote_name(table)}")
        while rows := cursor.fetchmany(AT_ONCE):
            for column, values in zip(held, zip(*rows, strict=True), strict=True):
                column += values
    return pa.table([_array(values, kind) for values, kind in zip(held, types, strict=True)], schema=schema)


def columns_from(rows: "QuerySet[Any]") -> list[list[Any]]:
    """The columns of a `values_list` of ids, whole numbers and texts, as the database gives them: those need no converter, and
    Django would take longer to hand on each row than the database to find it."""
    found: list[list[Any]] = []
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return [[] for _name in rows.query.values_select]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while some := cursor.fetchmany(AT_ONCE):
            found = found or [[] for _column in some[0]]
            for column, values in zip(found, zip(*some, strict=True), strict=True):
                column += values
    return found or [[] for _name in rows.query.values_select]


def _read_as(name: str, kind: pa.DataType) -> str:
    """SQL: what the database gives with the least work. SQLite keeps days, moments and decimals as it likes: a cast says how,
    and keeps Python from making an object of each."""
    if pa.types.is_floating(kind):
        return f"CAST({name} AS DOUBLE PRECISION)"
    if connection.vendor != "sqlite":
        return name
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return f"CAST({name} AS TEXT)"
    return f"CAST({name} AS INTEGER)" if pa.types.is_boolean(kind) else name


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """As the type; SQLite's texts and numbers are read, moments being in UTC there."""
    if connection.vendor != "sqlite":
        return pa.array(values, kind)
    if pa.types.is_date(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.string()).cast(pa.timestamp("us")).cast(kind)
    if pa.types.is_boolean(kind):
        return pa.array(values, pa.int8()).cast(kind)
    return pa.array(values, kind)


def _models() -> list[Any]:
    from django.apps import apps

    return list(apps.get_models())


def _arrow_type(field: Any) -> pa.DataType:
    """The Arrow type of a model field."""
    kind = field.target_field.get_internal_type() if field.is_relation else field.get_internal_type()
    types = {
        "BooleanField": pa.bool_(),
        "DateField": pa.date32(),
        "DateTimeField": pa.timestamp("us", "UTC"),
        "DecimalField": pa.float64(),
        "FloatField": pa.float64(),
    }
    if kind.endswith("IntegerField") or kind in ("BigAutoField", "AutoField"):
        return pa.int64()
    return types.get(kind, pa.string())


def columns_of(tables: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Every column that is asked for of each table, so that it is read once."""
    found: dict[str, dict[str, None]] = {}
    for table, columns in tables:
        found.setdefault(table, {}).update(dict.fromkeys(columns))
    return {table: tuple(columns) for table, columns in found.items()}
