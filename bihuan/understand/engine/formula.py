"""A formula over named numbers: + − * / and parentheses, nothing else."""

import ast
import operator
import re
from collections.abc import Callable, Mapping

from bihuan.understand.engine.answer import QuestionError

_LONGEST = 300
_DO: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_WORD = re.compile(r"^[\w\s.+\-*/()]+$")


def names_of(text: str, *, field: str) -> frozenset[str]:
    """The names a formula speaks of; QuestionError when it is none."""
    try:
        if len(text) > _LONGEST or not _WORD.match(text):
            raise ValueError
        tree = ast.parse(text.strip(), mode="eval").body
        return frozenset(_checked(tree))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        raise QuestionError(field, f"write a formula such as A / (A + B), not {text!r}") from None


def computed(text: str, values: Mapping[str, float | None]) -> float | None:
    """Its value; None when a number is missing, and for a division by nought."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body, values)
    except (TypeError, ZeroDivisionError, OverflowError):
        return None


def _checked(node: ast.expr) -> list[str]:
    if isinstance(node, ast.BinOp) and type(node.op) in _DO:
        return _checked(node.left) + _checked(node.right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _checked(node.operand)
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return []
    raise ValueError


def _value(node: ast.expr, values: Mapping[str, float | None]) -> float:
    if isinstance(node, ast.BinOp):
        return _DO[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, values)
    if isinstance(node, ast.Name):
        return values[node.id]  # type: ignore[return-value]  # None: a TypeError, which is caught
    assert isinstance(node, ast.Constant)
    return float(node.value)  # type: ignore[arg-type]
