"""The fields of a kind of question, said once: readers refuse others, the API shows a schema, documents a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.understand.engine.answer import QuestionError

TEXT: Mapping[str, Any] = {"type": "string"}
RULE: Mapping[str, Any] = {"type": "string", "description": "CEL", "maxLength": 2000}
NAMES: Mapping[str, Any] = {"type": "array", "items": TEXT, "maxItems": 200}
DURATION: Mapping[str, Any] = {"type": "string", "pattern": "^[0-9]{1,5}(s|m|h|d|w)$"}
SELECTOR: Mapping[str, Any] = {
    "anyOf": [
        TEXT,
        {"type": "object", "properties": {"event": TEXT, "events": NAMES, "where": RULE, "label": TEXT},
         "additionalProperties": False},
    ]
}  # fmt: skip
DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
PERIOD_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "anyOf": [
        {"required": ["from", "to"], "properties": {"from": DAY, "to": DAY}},
        {"required": ["last"], "properties": {"last": {"type": "string", "pattern": "^[0-9]{1,4}d$"}}},
    ],
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field: its JSON schema, its default in words, and what it means."""

    name: str
    schema: Mapping[str, Any]
    default: str
    meaning: str

    @property
    def row(self) -> str:
        """Its line in the table of docs/how-to/ask.md."""
        return f"| `{self.name}` | {self.default} | {self.meaning} |"


def one_of(*values: str) -> Mapping[str, Any]:
    """The schema of a choice."""
    return {"type": "string", "enum": list(values)}


def schema_of(kind: str, fields: tuple[Field, ...], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON schema of a kind of question."""
    return {
        "type": "object", "additionalProperties": False, "required": ["kind", *required],
        "properties": {"kind": {"const": kind}} | {
            one.name: {**one.schema, "description": one.meaning.replace("`", "")} for one in fields
        },
    }  # fmt: skip


def known_fields(raw: Mapping[str, Any], kind: str, fields: tuple[Field, ...]) -> None:
    """Refuse what a kind does not have."""
    names = {"kind", *(one.name for one in fields)}
    for name in raw:
        if name not in names:
            raise QuestionError(str(name), f"a {kind} has no such field; it has: {', '.join(sorted(names))}")


def choice(raw: Mapping[str, Any], name: str, values: tuple[str, ...]) -> str:
    """One of the values; the first when nothing is said."""
    value = raw.get(name, values[0])
    if not isinstance(value, str) or value not in values:
        raise QuestionError(name, f"{value!r} is none of {', '.join(values)}")
    return value


def whole(raw: Mapping[str, Any], name: str, *, default: int, least: int, most: int) -> int:
    """A whole number within its bounds."""
    value = raw.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise QuestionError(name, f"write a whole number from {least} to {most}, not {value!r}")
    return value


UNIT = Field(name="unit", schema=TEXT, default="`person`",
             meaning="who is counted: `person`, `account`, or a property that names a case: `props.order_id`")  # fmt: skip
PERIOD = Field(name="period", schema=PERIOD_SCHEMA, default="last 28 days",
               meaning="`{from, to}` or `{last: 28d}`: inclusive days, ten years at most")  # fmt: skip
WHERE = Field(name="where", schema=RULE, default="none",
              meaning='CEL over every event that is read: `props.plan == "pro"`, `name`, `ts`, `distinct_id`')  # fmt: skip
SEGMENT = Field(name="segment", schema=RULE, default="none",
                meaning="`account.tier == 'S'`, or `@` and the key of a saved segment, `'@renewal-risk'`")  # fmt: skip
BY = Field(
    name="by", schema=TEXT, default="none",
    meaning="breakdown: `event`, `account`, `person`, `product`, `source`, `props.<name>`, `account.<field>`, "
    "`person.<field>`; the 12 biggest are shown",
)  # fmt: skip
SHARED = (UNIT, PERIOD, WHERE, SEGMENT)
