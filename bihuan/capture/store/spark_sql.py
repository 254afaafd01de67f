"""SQL for Spark: Ibis' compiler, and what it needs so that its answers are those of DuckDB.

Events stand in a table `events` (or a view over exported Parquet files) whose `props` are text.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from sqlglot.dialects import Spark

#: What a session must be told: overflow and wrong casts are errors as elsewhere, days and hours are those of UTC.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.caseSensitive": "true",
}


class Compiler(PySparkCompiler):  # type: ignore[misc]  # Ibis comes without types, and names its methods
    """Ibis' compiler for Spark with JSON by kind, and exact times."""

    __slots__ = ()
    SIMPLE_OPS = {ops.StringLength: "char_length"}

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802
        if dtype.is_floating():  # Ibis would ask an open connection whether nan is null
            return SQLGlotCompiler.visit_NonNullLiteral(self, op, value=value, dtype=dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Field(self, op: Any, *, rel: Any, name: str) -> Any:  # noqa: N802
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

    def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:  # noqa: N802
        """A variant: it knows of which kind its value is; null when there is none."""
        if not isinstance(op.arg, ops.JSONGetItem):
            arg = self.f.anon.try_parse_json(arg)
        name = op.index.value if isinstance(op.index, ops.Literal) else None
        if isinstance(name, int):
            path = f"$[{name}]"
        else:
            path = "$['" + str(name).replace("\\", "\\\\").replace("'", "\\'") + "']"
        return self.f.anon.try_variant_get(arg, path, "variant")

    def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(op, arg, "string", "STRING")

    def visit_UnwrapJSONInt64(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(op, arg, "bigint", "BIGINT")

    def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(op, arg, "double", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL")

    def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of_kind(op, arg, "boolean", "BOOLEAN")

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self.f.anon.unix_seconds(arg)

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:  # noqa: N802
        return self.f.anon.regexp(arg, pattern)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        """Not a number is a number here, as it is elsewhere."""
        return sge.Not(this=arg.is_(NULL))

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return arg.is_(NULL)

    def _of_kind(self, op: Any, value: Any, wanted: str, *kinds: str) -> Any:
        """The value when the JSON there is of one of these kinds, else null."""
        if not isinstance(op.arg, ops.JSONGetItem):
            value = self.f.anon.try_parse_json(value)
        kind = self.f.anon.regexp_extract(self.f.anon.schema_of_variant(value), "^[A-Z]+", 0)
        right = kind.isin(*[sge.convert(one) for one in kinds])
        return self.if_(right, self.f.anon.try_variant_get(value, "$", wanted), NULL)


def compiled(expression: ir.Expr) -> str:
    """The SQL of an expression."""
    return str(Compiler().to_sqlglot(expression.unbind()).sql(dialect=Spark, pretty=True))
