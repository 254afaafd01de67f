"""The same rule as an Ibis expression over a table: plain three-valued logic inside, unknown is false at the top."""

import ast
from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.common.exceptions import IbisError
from lark import Token, Tree

from bihuan.base.rules.parse import RuleError, parsed

Resolve = Callable[[tuple[str, ...]], ir.Value]
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "relation_lt": lambda a, b: a < b,
    "relation_le": lambda a, b: a <= b,
    "relation_gt": lambda a, b: a > b,
    "relation_ge": lambda a, b: a >= b,
    "relation_eq": lambda a, b: a == b,
    "relation_ne": lambda a, b: a != b,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "addition_add": lambda a, b: a + b,
    "addition_sub": lambda a, b: a - b,
    "multiplication_mul": lambda a, b: a * b,
    "multiplication_div": lambda a, b: a / b,
    "multiplication_mod": lambda a, b: a % b,
}


def filter_of(text: str, *, resolve: Resolve) -> ir.BooleanValue:
    """The rule as a filter. `resolve` turns a path such as ("account", "tier") into a column, or raises LookupError."""
    value = value_of(text, resolve=resolve)
    if not isinstance(value, ir.BooleanValue):
        raise RuleError(f"The rule must answer yes or no: {text!r}.")
    return value.fill_null(False)


def value_of(text: str, *, resolve: Resolve) -> ir.Value:
    """The rule as a value; null where it is unknown."""
    try:
        return _Walk(resolve, text).visit(parsed(text))
    except LookupError as error:
        raise RuleError(str(error.args[0])) from None
    except (TypeError, ValueError, SyntaxError, AttributeError, IbisError) as error:
        if isinstance(error, RuleError):
            raise
        raise RuleError(f"The rule does not fit the table: {str(error).splitlines()[0]}") from None


class _Walk:
    """One pass over the syntax tree."""

    def __init__(self, resolve: Resolve, text: str) -> None:
        self.resolve = resolve
        self.text = text

    def visit(self, node: Tree[Token]) -> Any:
        """The expression of a node; a rule that only wraps another is passed through."""
        method = getattr(self, str(node.data), None)
        if method is not None:
            return method(node)
        children = [child for child in node.children if isinstance(child, Tree)]
        if len(children) == 1 and len(node.children) == 1:
            return self.visit(children[0])
        raise RuleError(f"This part of the rule cannot be used over a table: {node.data} in {self.text!r}.")

    def expr(self, node: Tree[Token]) -> Any:
        """`a ? b : c`; an unknown condition makes the value unknown."""
        parts = [self.visit(child) for child in node.children]  # type: ignore[arg-type]
        if len(parts) == 1:
            return parts[0]
        condition, yes, no = parts
        return ibis.cases((condition, yes), (~condition, no))

    def conditionalor(self, node: Tree[Token]) -> Any:
        parts = [self.visit(child) for child in node.children]  # type: ignore[arg-type]
        return parts[0] if len(parts) == 1 else self._yes_no(parts[0]) | self._yes_no(parts[1])

    def conditionaland(self, node: Tree[Token]) -> Any:
        parts = [self.visit(child) for child in node.children]  # type: ignore[arg-type]
        return parts[0] if len(parts) == 1 else self._yes_no(parts[0]) & self._yes_no(parts[1])

    def _yes_no(self, value: Any) -> ir.BooleanValue:
        if isinstance(value, ir.JSONValue):
            value = value.bool
        if not isinstance(value, ir.BooleanValue):
            raise RuleError(f"&&, || and ! work on yes and no only: {self.text!r}.")
        return value

    def relation(self, node: Tree[Token]) -> Any:
        if len(node.children) == 1:
            return self.visit(node.children[0])  # type: ignore[arg-type]
        head, right = node.children
        left = self.visit(head.children[0])  # type: ignore[arg-type, union-attr]
        kind = str(head.data)  # type: ignore[union-attr]
        if kind == "relation_in":
            items = self._items(right)  # type: ignore[arg-type]
            return _as_kind_of(left, items[0]).isin(items) if items else ibis.literal(False)
        other = self.visit(right)  # type: ignore[arg-type]
        left, other = _as_kind_of(left, other), _as_kind_of(other, left)
        self._comparable(left, other)
        return COMPARE[kind](left, other)

    def _comparable(self, left: ir.Value, right: ir.Value) -> None:
        kinds = (ir.NumericValue, ir.StringValue, ir.TimestampValue)
        for kind in kinds:
            if isinstance(left, kind) != isinstance(right, kind):
                raise RuleError(f"A {left.type()} cannot be compared with a {right.type()}: {self.text!r}.")

    def _items(self, node: Tree[Token]) -> list[Any]:
        lists = list(node.find_data("list_lit"))
        if len(lists) != 1:
            raise RuleError(f"Write a list after `in`: {self.text!r}.")
        return [self.visit(item) for part in lists[0].children for item in part.children]  # type: ignore[union-attr, arg-type]

    def addition(self, node: Tree[Token]) -> Any:
        return self._arithmetic(node)

    def multiplication(self, node: Tree[Token]) -> Any:
        return self._arithmetic(node)

    def _arithmetic(self, node: Tree[Token]) -> Any:
        if len(node.children) == 1:
            return self.visit(node.children[0])  # type: ignore[arg-type]
        head, tail = node.children
        left, right = self.visit(head.children[0]), self.visit(tail)  # type: ignore[arg-type, union-attr]
        left, right = _as_kind_of(left, right), _as_kind_of(right, left)
        kind = str(head.data)  # type: ignore[union-attr]
        if isinstance(left, ir.StringValue) and isinstance(right, ir.StringValue) and kind == "addition_add":
            return left + right
        whole = isinstance(left, ir.IntegerValue), isinstance(right, ir.IntegerValue)
        if not (isinstance(left, ir.NumericValue) and isinstance(right, ir.NumericValue)):
            raise RuleError(f"Arithmetic works on numbers only: {self.text!r}.")
        if whole[0] != whole[1]:
            raise RuleError(f"Whole and broken numbers do not mix; write double(…) or int(…): {self.text!r}.")
        if kind == "multiplication_div":
            quotient = left / right.nullif(0)
            return (
                ibis.cases((quotient >= 0, quotient.floor()), else_=quotient.ceil()).cast("int64")
                if all(whole)
                else quotient
            )
        if kind == "multiplication_mod":
            return left % right.nullif(0)
        return ARITHMETIC[kind](left, right)

    def unary(self, node: Tree[Token]) -> Any:
        if len(node.children) == 1:
            return self.visit(node.children[0])  # type: ignore[arg-type]
        operator, inner = node.children
        value = self.visit(inner)  # type: ignore[arg-type]
        if str(operator.data) == "unary_not":  # type: ignore[union-attr]
            return ~self._yes_no(value)
        return -value

    def member_dot(self, node: Tree[Token]) -> Any:
        return self.resolve(self._path(node))

    def ident(self, node: Tree[Token]) -> Any:
        return self.resolve((str(node.children[0]),))

    def _path(self, node: Tree[Token]) -> tuple[str, ...]:
        """("props", "device") for `props.device`."""
        if node.data == "member_dot":
            inner, name = node.children
            return (*self._path(inner), str(name))  # type: ignore[arg-type]
        if node.data == "ident":
            return (str(node.children[0]),)
        if len(node.children) == 1 and isinstance(node.children[0], Tree):
            return self._path(node.children[0])
        raise RuleError(f"Write a plain name such as account.tier: {self.text!r}.")

    def ident_arg(self, node: Tree[Token]) -> Any:
        name = str(node.children[0])
        arguments = [child for part in node.children[1:] for child in part.children]  # type: ignore[union-attr]
        if len(arguments) != 1:
            raise RuleError(f"{name}() takes one value: {self.text!r}.")
        if name == "has":
            return self.resolve(self._path(arguments[0])).notnull()  # type: ignore[arg-type]
        value = self.visit(arguments[0])  # type: ignore[arg-type]
        if name == "size":
            return _as_kind_of(value, "").length()
        if name == "timestamp":
            return value.try_cast("timestamp('UTC')")
        if name == "int" and isinstance(value, ir.FloatingValue):
            return ibis.cases((value >= 0, value.floor()), else_=value.ceil()).cast("int64")
        return value.try_cast(
            {"int": "int64", "double": "float64", "string": "string", "bool": "boolean"}[name]
        )

    def member_dot_arg(self, node: Tree[Token]) -> Any:
        subject, name, *rest = node.children
        value = _as_kind_of(self.visit(subject), "")  # type: ignore[arg-type]
        arguments = [self.visit(child) for part in rest if isinstance(part, Tree) for child in part.children]  # type: ignore[arg-type]
        if not isinstance(value, ir.StringValue):
            raise RuleError(f".{name}() works on texts only: {self.text!r}.")
        if str(name) == "size":
            return value.length()
        if len(arguments) != 1 or not isinstance(arguments[0], ir.StringValue):
            raise RuleError(f".{name}() takes one text: {self.text!r}.")
        methods = {
            "contains": "contains",
            "startsWith": "startswith",
            "endsWith": "endswith",
            "matches": "re_search",
        }
        return getattr(value, methods[str(name)])(arguments[0])

    def paren_expr(self, node: Tree[Token]) -> Any:
        return self.visit(node.children[0])  # type: ignore[arg-type]

    def literal(self, node: Tree[Token]) -> Any:
        token = node.children[0]
        text = str(token)
        if text in ("true", "false"):
            return ibis.literal(text == "true")
        kind = token.type if isinstance(token, Token) else ""
        if kind == "FLOAT_LIT":
            return ibis.literal(float(text))
        if kind == "INT_LIT":
            return ibis.literal(int(text, 0), "int64")
        if kind == "STRING_LIT":
            return ibis.literal(ast.literal_eval(text))
        raise RuleError(f"The literal {text} is not allowed: {self.text!r}.")


def _as_kind_of(value: Any, other: Any) -> Any:
    """A value out of JSON, whose kind is only known row by row, read as the kind it is compared with."""
    if not isinstance(value, ir.JSONValue):
        return value
    if isinstance(other, ir.BooleanValue):
        return value.bool
    if isinstance(other, ir.IntegerValue):
        return value.int
    if isinstance(other, ir.NumericValue):
        return value.float
    return value.str
