"""What the house says in Ibis or in DuckDB's SQL, said to ClickHouse with the same meaning.

Where ClickHouse has a faster and a right way, the right one is taken: distinct counts and quantiles are exact, lengths
count characters, dates reach from 1900 to 2299, and what is absent is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler
from ibis.backends.sql.dialects import ClickHouse

from bihuan.capture.store.errors import StoreError

Params = Mapping[str, Any] | Sequence[Any] | None

#: Standard SQL where ClickHouse would rather be quick.
SETTINGS = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "count_distinct_implementation": "uniqExact",
    "enable_extended_results_for_datetime_functions": 1,
    "session_timezone": "UTC",
    "prefer_global_in_and_join": 1,
    "prefer_column_name_to_alias": 1,
    "output_format_arrow_string_as_string": 1,
}


class Compiler(ClickHouseCompiler):  # type: ignore[misc]  # Ibis comes without types, and names its methods
    """Ibis' compiler for ClickHouse with JSON by kind, and exact answers."""

    __slots__ = ()
    SIMPLE_OPS = {
        ops.CountDistinct: "uniqExact",
        ops.StringLength: "lengthUTF8",
        ops.Median: "quantileExactInclusive",
    }

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:  # noqa: N802
        """Interpolated between neighbours, as `quantile_cont` is."""
        return self._visit_quantile("quantileExactInclusive", arg, quantile, where)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802
        if dtype.is_date():
            return self.f.toDate32(value.isoformat())
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:  # noqa: N802
        """The text of the value; null when there is none."""
        return self.f.anon.nullIf(self.f.anon.JSONExtractRaw(arg, index), sge.convert(""))

    def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(arg, "String", "Nullable(String)")

    def visit_UnwrapJSONInt64(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(arg, "Int64", "UInt64", "Nullable(Int64)")

    def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(arg, "Int64", "UInt64", "Double", "Nullable(Float64)")

    def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(arg, "Bool", "Nullable(Bool)")

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:  # noqa: N802
        return self.f.match(arg, pattern)

    def visit_LagLead(self, op: Any, *, arg: Any, offset: Any, default: Any) -> Any:  # noqa: N802
        """Null beyond the edge, not a nought or a day in 1900."""
        return super().visit_LagLead(op, arg=self.f.anon.toNullable(arg), offset=offset, default=default)

    visit_Lag = visit_Lead = visit_LagLead  # noqa: N815

    def _of_kind(self, value: Any, *kinds: str) -> Any:
        """The value when the JSON there is of one of these kinds, else null; the last is the type wanted."""
        *kinds_of_json, wanted = kinds
        place: tuple[Any, ...] = (value,)
        if isinstance(value, sge.Anonymous) and str(value.this).lower() == "nullif":  # visit_JSONGetItem's
            place = tuple(value.expressions[0].expressions)
        kind = self.f.JSONType(*place)
        right = kind.isin(*[sge.convert(one) for one in kinds_of_json])
        return self.if_(right, self.f.JSONExtract(*place, wanted), NULL)


def compiled(expression: ir.Expr) -> str:
    """The SQL of an expression."""
    return str(Compiler().to_sqlglot(expression.unbind()).sql(dialect=ClickHouse, pretty=True))


def translated(sql: str, params: Params) -> tuple[str, dict[str, Any]]:
    """DuckDB's SQL with `?` or `$name`, and its values, as ClickHouse takes them: `{name:Type}`."""
    named = dict(params) if isinstance(params, Mapping) else {f"p{i}": v for i, v in enumerate(params or ())}
    named = {name: _within(value) for name, value in named.items()}
    types = tuple((name, _type_of(value)) for name, value in named.items())
    return _translated(sql, types), named


@lru_cache(maxsize=2_000)
def _translated(sql: str, types: tuple[tuple[str, str], ...]) -> str:
    kinds = dict(types)
    tree = sqlglot.parse_one(_named(sql), read="duckdb")
    for node in list(tree.find_all(sge.Placeholder, sge.Parameter)):
        node.replace(sge.Placeholder(this=node.name, kind=kinds[node.name]))
    return str(tree.transform(_said_otherwise).sql("clickhouse"))


def _named(sql: str) -> str:
    """`?` in the order of the text become `$p0`, `$p1`, …"""
    tokens = sqlglot.tokenize(sql, read="duckdb")
    marks = [one.start for one in tokens if one.token_type == sqlglot.TokenType.PLACEHOLDER]
    for number, at in reversed(list(enumerate(marks))):
        sql = f"{sql[:at]}$p{number}{sql[at + 1 :]}"
    return sql


def _said_otherwise(node: sge.Expression) -> sge.Expression:
    if isinstance(node, sge.Median):
        return sge.ParameterizedAgg(
            this="quantileExactInclusive", expressions=[sge.convert(0.5)], params=[node.this]
        )
    if isinstance(node, sge.DataType):
        if node.this in (sge.DataType.Type.DATE, sge.DataType.Type.DATE32):
            return sge.DataType.build("Nullable(Date32)", dialect="clickhouse")
        if node.this == sge.DataType.Type.TIMESTAMPTZ:
            return sge.DataType.build("Nullable(DateTime64(6, 'UTC'))", dialect="clickhouse")
    return node


def _within(value: Any) -> Any:
    """A day that ClickHouse knows; beyond them there are no events."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return min(max(value, _FIRST_DAY), _LAST_DAY)
    return value


def _type_of(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        inner = {_type_of(one) for one in value} or {"Int64"}
        if len(inner) != 1:
            raise StoreError(f"A list of values of several kinds cannot be asked for: {sorted(inner)}")
        return f"Array({inner.pop()})"
    for kind, name in _TYPES:
        if isinstance(value, kind):
            return name
    raise StoreError(f"A value of this kind cannot be asked for: {type(value).__name__}")


_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2299, 12, 31)
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "Bool"), (int, "Int64"), (float, "Float64"), (str, "String"),
    (datetime, "DateTime64(6, 'UTC')"), (date, "Date32"), (type(None), "Nullable(Int64)"),
)  # fmt: skip
