"""What the house says in Ibis, said to DuckDB: as Ibis says it, but the text of a property is read out of its JSON once."""

from __future__ import annotations

from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler


class Compiler(DuckDBCompiler):  # type: ignore[misc]  # Ibis comes without types, and names its methods
    """Ibis' compiler for DuckDB, with a short way for `coalesce(value.str, value.cast("string"))` of a property."""

    __slots__ = ()

    def visit_Coalesce(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        """`->>` is a text as it is and anything else as JSON; only of null and of nothing it says the same."""
        item = _item_of(*op.arg) if len(op.arg) == 2 else None
        if item is None:
            return super().visit_Coalesce(op, arg=arg)
        found = arg[1].find(sge.JSONExtract)
        text = sge.JSONExtractScalar(this=found.this.copy(), expression=found.expression.copy())
        return self.f.coalesce(text, arg[1])


def _item_of(text: ops.Node, whatever: ops.Node) -> ops.Node | None:
    """The item of a JSON object that the first is the text of, and the second too whatever it is."""
    if isinstance(text, ops.UnwrapJSONString) and isinstance(whatever, ops.Cast):
        return text.arg if text.arg == whatever.arg and isinstance(text.arg, ops.JSONGetItem) else None
    return None


def compiled(expression: ir.Expr) -> str:
    """The SQL of an expression."""
    return str(Compiler().to_sqlglot(expression.unbind()).sql(dialect=Compiler.dialect, pretty=True))
