"""What a table decides for some values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bihuan.base.decisions.cells import CellError, literal, plain, test_of
from bihuan.base.decisions.table import Rule, Table
from bihuan.base.rules import RuleError, evaluate, names_in

Values = Mapping[str, Any]
_SUMS: dict[str, Callable[[list[Any]], Any]] = {"SUM": sum, "MIN": min, "MAX": max}


class DecisionError(ValueError):
    """A table that has no single answer for these values, or that cannot be evaluated on them."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """The outputs by name (a value, or a list with COLLECT and RULE ORDER; None when no rule fits), and the rows that fit,
    1 being the first."""

    outputs: Mapping[str, Any]
    rows: tuple[int, ...]


def decide(table: Table, values: Values) -> Decided:
    """By the table's policy. DecisionError when UNIQUE has more than one row, ANY has rows that differ, or a rule fails."""
    asked = [_value(column.expression, values) for column in table.inputs]
    rows = [number for number, rule in enumerate(table.rules, 1) if _fits(rule, asked)]
    if table.policy == "FIRST":
        rows = rows[:1]
    found = [_outputs(table, table.rules[row - 1], values) for row in rows]
    if table.policy in ("COLLECT", "RULE ORDER"):
        return Decided(outputs=_collected(table, found), rows=tuple(rows))
    if table.policy == "UNIQUE" and len(rows) > 1:
        raise DecisionError(f"the rows {', '.join(map(str, rows))} fit, and only one may")
    if any(one != found[0] for one in found):
        raise DecisionError(f"the rows {', '.join(map(str, rows))} fit and say different things")
    nothing = {column.name: None for column in table.outputs}
    return Decided(outputs=found[0] if found else nothing, rows=tuple(rows))


def _fits(rule: Rule, asked: list[Any]) -> bool:
    return all(test_of(text)(value) for text, value in zip(rule.inputs, asked, strict=True))


def _value(expression: str, values: Values) -> Any:
    record = {**dict.fromkeys(names_in(expression)), **values}
    try:
        return evaluate(expression, record)
    except RuleError as error:
        raise DecisionError(f"{expression!r}: {error}") from None


def _outputs(table: Table, rule: Rule, values: Values) -> dict[str, Any]:
    try:
        return {
            column.name: output_of(text)(values)
            for column, text in zip(table.outputs, rule.outputs, strict=True)
        }
    except RuleError as error:
        raise DecisionError(str(error)) from None


@lru_cache(maxsize=4096)
def output_of(text: str) -> Callable[[Values], Any]:
    """A literal, or CEL over the values; an empty cell is None. RuleError for what is neither."""
    if not text.strip():
        return lambda values: None
    try:
        value = plain(literal(text))
    except CellError:
        names = names_in(text)
        return lambda values: evaluate(text, {**dict.fromkeys(names), **values})
    return lambda values: value


def _collected(table: Table, found: list[dict[str, Any]]) -> dict[str, Any]:
    listed = {column.name: [one[column.name] for one in found] for column in table.outputs}
    if not table.summed:
        return listed
    (name,) = listed
    numbers = [one for one in listed[name] if one is not None]
    if table.summed == "COUNT":
        return {name: len(numbers)}
    if not numbers:
        return {name: 0 if table.summed == "SUM" else None}
    try:
        return {name: _SUMS[table.summed](numbers)}
    except TypeError:
        raise DecisionError(f"{name} holds what cannot be added or compared") from None
