"""Cells of a table: the unary tests of S-FEEL, and literals."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

Test = Callable[[Any], bool]
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_DATE = re.compile(r'date\(\s*"([^"]+)"\s*\)')
RANGE = re.compile(r"([\[\](])\s*(.+?)\s*\.\.\s*(.+?)\s*([\[\])])")
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
}


class CellError(ValueError):
    """A cell that cannot be read; the message says how to write one."""


@lru_cache(maxsize=4096)
def test_of(text: str) -> Test:
    """`-`, a literal, `> 5`, `[1..10]`, `not("a", "b")`, or several with commas between, of which one must hold.

    What is unknown fits only `-` and `not(…)`; what cannot be compared does not fit; a day
    may be given as a text such as 2026-10-01. CellError for other texts.
    """
    text = text.strip()
    if text in ("", "-"):
        return lambda value: True
    if text.startswith("not(") and text.endswith(")"):
        inner = test_of(text[4:-1])
        return lambda value: not inner(value)
    parts = parts_of(text)
    if len(parts) > 1:
        tests = [_single(part.strip()) for part in parts]
        return lambda value: any(one(value) for one in tests)
    return _single(text)


def _single(text: str) -> Test:
    ranged = RANGE.fullmatch(text)
    if ranged:
        left, low, high, right = ranged[1], literal(ranged[2]), literal(ranged[3]), ranged[4]
        above = COMPARED[">=" if left == "[" else ">"]
        below = COMPARED["<=" if right == "]" else "<"]
        return lambda value: _fits(above, value, low) and _fits(below, value, high)
    for sign, compared in COMPARED.items():
        if text.startswith(sign):
            other = literal(text[len(sign) :].strip())
            return lambda value: _fits(compared, value, other)
    wanted = literal(text)
    return lambda value: _fits(COMPARED["="], value, wanted)


def _fits(compared: Callable[[Any, Any], bool], value: Any, other: Any) -> bool:
    if value is None:
        return False
    value = _comparable(value)
    if isinstance(value, str) and isinstance(other, datetime):
        value = _day(value)
    if isinstance(value, bool) != isinstance(other, bool):
        return False
    try:
        return compared(value, other)
    except (TypeError, ArithmeticError):
        return False


def _day(text: str) -> Any:
    """A day or moment as forms and JSON hold it; other texts as they are."""
    try:
        return _comparable(datetime.fromisoformat(text))
    except ValueError:
        return text


def _comparable(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def literal(text: str) -> Any:
    """A text in quotes, a number, true, false, or date("2026-10-01"). CellError for others."""
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    found = _STRING.fullmatch(text)
    if found:
        return found[1].replace('\\"', '"').replace("\\\\", "\\")
    dated = _DATE.fullmatch(text)
    if dated:
        try:
            return _comparable(datetime.fromisoformat(dated[1]))
        except ValueError:
            raise CellError(f'write a day such as date("2026-10-01"), not {text!r}') from None
    raise CellError(f'write "a text", a number, true, false, > 5, [1..10], not(…) or -, not {text!r}')


def plain(value: Any) -> Any:
    """A literal as JSON and CEL know it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
    return value.isoformat() if isinstance(value, datetime) else value


def parts_of(text: str) -> list[str]:
    """Split at commas that do not stand in quotes."""
    parts, quoted, kept, begin = [], False, False, 0
    for place, letter in enumerate(text):
        if kept:
            kept = False
        elif quoted and letter == "\\":
            kept = True
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter == ",":
            parts.append(text[begin:place])
            begin = place + 1
    return [*parts, text[begin:]]
