"""Questions about units as they are, not about events: which of their fields, and how a field is read as yes or no."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import Field, one_of

UNITS = ("account", "person")
FIELD = re.compile(r"(account|person|m)\.[\w$]+")
FIELD_SCHEMA: Mapping[str, Any] = {"type": "string", "pattern": r"^(account|person|m)\.[\w$]+$"}
MOST_FIELDS = 40
YES = frozenset({"1", "true", "yes", "y", "t", "是"})
NO = frozenset({"0", "false", "no", "n", "f", "否"})

UNIT = Field(name="unit", schema=one_of(*UNITS), default="`account`", meaning="`account` or `person`")
AS_OF = Field(name="as_of", schema={"type": "string", "format": "date"}, default="today",
              meaning="the day as of which measures are taken and open ends are cut")  # fmt: skip


def read_field(raw: Any, field: str) -> str:
    """account.<field>, person.<field> or m.<measure>; fields are also the properties that an import brought."""
    if isinstance(raw, str) and FIELD.fullmatch(raw):
        return raw
    raise QuestionError(field, f"write account.<field>, person.<field> or m.<measure>, not {raw!r}")


def read_fields(raw: Any, field: str, *, least: int = 0) -> tuple[str, ...]:
    """A list of different fields."""
    given = () if raw is None else raw
    if not isinstance(given, (list, tuple)) or not least <= len(given) <= MOST_FIELDS:
        raise QuestionError(
            field, f"write a list of {least} to {MOST_FIELDS} fields such as account.size or m.active_people"
        )
    names = tuple(read_field(one, f"{field}[{place}]") for place, one in enumerate(given, start=1))
    if len(set(names)) < len(names):
        raise QuestionError(field, "it names a field twice")
    return names


def fields_in(rule: str) -> list[str]:
    """The fields that a rule speaks of, in order; what stands in quotes is no field."""
    bare = re.sub(r"""\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'""", " ", rule)
    return list(dict.fromkeys(found[0] for found in re.finditer(rf"\b{FIELD.pattern}", bare)))


def truth_of(value: Any) -> bool | None:
    """A property as yes or no: true, 1, 1.0, "yes", "是" and their contraries; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return bool(value) if value in (0, 1) else None
    text = str(value).strip().lower() if value is not None else ""
    return True if text in YES else False if text in NO else None


def number_of(value: Any) -> float | None:
    """A property as a finite number; None for anything else. Yes and no are 1 and 0."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < float("inf") else None


def as_column(values: Sequence[Any]) -> list[Any]:
    """Numbers as numbers, when at least nine of ten known values are; everything else as text, None stays None."""
    known = [value for value in values if value is not None and value != ""]
    numbers = [number_of(value) for value in known]
    if known and sum(number is not None for number in numbers) >= 0.9 * len(known):
        return [number_of(value) for value in values]
    return [None if value is None or value == "" else str(value) for value in values]
