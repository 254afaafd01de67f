"""A rule on one record, through the Rust evaluator (about a microsecond)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import cel

from bihuan.base.rules.parse import RuleError, names_in, parsed


@lru_cache(maxsize=2048)
def _program(text: str) -> Any:
    parsed(text)
    try:
        return cel.compile(text)
    except ValueError as error:
        raise RuleError(f"The rule cannot be read: {error}") from None


def evaluate(text: str, record: Mapping[str, Any]) -> Any:
    """The value of a rule on a record; None when a key that it needs is absent or null.

    RuleError for a top-level name that the record does not know, and for operations between kinds that
    have none (a number and a text, a whole and a broken number in arithmetic).
    """
    unknown = names_in(text) - record.keys()
    if unknown:
        raise RuleError(
            f"Unknown name {sorted(unknown)[0]!r}; there is: {', '.join(sorted(record)) or 'nothing'}."
        )
    program = _program(text)
    values = {name: _plain(value) for name, value in record.items() if value is not None}
    if names_in(text) - values.keys():
        values = values | {name: {} for name in names_in(text) - values.keys() if f"{name}." in text}
    try:
        return program.execute(values)
    except KeyError:
        return None
    except RuntimeError as error:
        if "Undefined variable" in str(error):
            return None
        raise RuleError(f"The rule failed: {error}") from None
    except ZeroDivisionError:
        return None
    except (TypeError, ValueError, OverflowError) as error:
        raise RuleError(f"The rule does not fit the record: {str(error).split(':')[0]}: {text!r}.") from None


def holds(text: str, record: Mapping[str, Any]) -> bool:
    """Whether a rule is true of a record; unknown is not true. RuleError when its value is not yes or no."""
    value = evaluate(text, record)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise RuleError(f"The rule must answer yes or no; it answers {value!r}.")
    return value


def _plain(value: Any) -> Any:
    """The value as CEL knows it; keys that are null are left out."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value if item is not None]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
