"""Inputs of the form of a question: how each reads its value from a document and writes it back.

A value that an input has no way to say raises Unsayable when it is read: it then stays in the YAML, untouched.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bihuan.understand.engine.fields import DAY, DURATION, PERIOD_SCHEMA, RULE, SELECTOR, Field
from bihuan.understand.engine.segment.question import BEHAVIOUR_SCHEMA
from bihuan.understand.explore.forms import of_units
from bihuan.understand.explore.forms.base import Said, Unsayable

PRESETS = (7, 28, 84, 180, 365)
MOST_ROWS = 20
#: What a row of behaviour says beyond events, where and its name.
OF_BEHAVIOUR = ("last", "count")
OF_UNITS = ("field", "fields", "moment", "numbers")
AGGREGATES = ("sum", "avg", "min", "max", "p50", "p90", "p95")
AGGREGATE = re.compile(r"(sum|avg|min|max|p\d{1,2})\(props\.([\w$.]+)\)")


def widget_of(one: Field) -> str:
    """Which input says a field; empty when the form has none for it."""
    schema = one.schema
    if found := of_units.widget_of(one):
        return found
    if one.name == "by" or (one.name == "unit" and "enum" not in schema):
        return "pick"
    if schema is PERIOD_SCHEMA:
        return "period"
    if schema is BEHAVIOUR_SCHEMA:
        return "rows"
    if schema is SELECTOR:
        return "events"
    if schema is RULE:
        return "rule"
    if schema is DURATION:
        return "text"
    if schema == DAY:
        return "day"
    if "enum" in schema:
        return "choice"
    if "anyOf" in schema:
        return "text"
    if schema.get("type") == "array":
        items = schema.get("items", {})
        has = items.get("properties", {})
        return "rows" if items is SELECTOR or ("event" in has and "kind" not in has) else ""
    return {"integer": "number", "boolean": "check", "string": "text"}.get(str(schema.get("type")), "")


def extras_of(one: Field) -> tuple[str, ...]:
    """What a row of a list says beyond events, where and label."""
    if one.schema is BEHAVIOUR_SCHEMA:
        return OF_BEHAVIOUR
    known = ("event", "events", "where", "label")
    return tuple(name for name in one.schema.get("items", {}).get("properties", {}) if name not in known)


def read(widget: str, value: Any, *, extras: tuple[str, ...] = ()) -> Any:
    """The value of a document as the input shows it; Unsayable when it cannot."""
    if widget in OF_UNITS:
        return of_units.read(widget, value)
    if widget == "period":
        return read_period(value)
    if widget == "events":
        return read_row(value, extras=())
    if widget == "rows":
        given = [value] if isinstance(value, (str, Mapping)) else value
        if extras == OF_BEHAVIOUR:
            given = _named_rows(value)
        if not isinstance(given, list) or len(given) > MOST_ROWS:
            raise Unsayable
        return [read_row(one, extras=extras) for one in given]
    if widget == "pick":
        return read_pick(value)
    if widget == "check":
        if not isinstance(value, bool):
            raise Unsayable
        return "on" if value else ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, date)):
        raise Unsayable
    return str(value)


def _named_rows(value: Any) -> list[dict[str, Any]]:
    """What is counted under names, as rows whose label is the name."""
    if not isinstance(value, Mapping) or not all(
        isinstance(one, Mapping) and "label" not in one for one in value.values()
    ):
        raise Unsayable
    return [{**one, "label": str(name)} for name, one in value.items()]


def _by_name(rows: list[Any]) -> dict[str, Any]:
    """The same back; one without a name has the number of its row as its name, which is refused with a remedy."""
    whole = [{"event": row} if isinstance(row, str) else dict(row) for row in rows]
    return {row.pop("label", str(n)): row for n, row in enumerate(whole, start=1)}


def read_row(value: Any, *, extras: tuple[str, ...]) -> dict[str, str]:
    """The name of an event or `{event | events, where, label, …}` as texts."""
    if isinstance(value, str):
        value = {"event": value}
    if not isinstance(value, Mapping) or ("event" in value and "events" in value):
        raise Unsayable
    if set(value) - {"event", "events", "where", "label", *extras}:
        raise Unsayable
    names = value.get("events", value.get("event", []))
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(
        isinstance(one, str) and one and "," not in one for one in names
    ):
        raise Unsayable
    row = {"events": ", ".join(names)}
    for name in ("where", "label", *extras):
        said = value.get(name, "")
        if isinstance(said, bool) or not isinstance(said, (str, int)):
            raise Unsayable
        row[name] = str(said)
    if found := AGGREGATE.fullmatch(row.get("measure", "")):
        row |= {"measure": found[1], "property": found[2]}
    return row


def read_pick(value: Any) -> dict[str, str]:
    """One of the choices, or a property by its name."""
    if not isinstance(value, str):
        raise Unsayable
    if value.startswith("props."):
        return {"choice": "props", "property": value.removeprefix("props.")}
    return {"choice": value, "property": ""}


def read_period(value: Any) -> dict[str, str]:
    """Days as a preset ("28"), or "days" with two dates."""
    if (
        isinstance(value, Mapping)
        and set(value) == {"last"}
        and re.fullmatch(r"[1-9]\d{0,3}d", str(value["last"]))
    ):
        return {"preset": str(value["last"])[:-1], "first": "", "last": ""}
    if isinstance(value, Mapping) and set(value) == {"from", "to"}:
        return {"preset": "days", "first": str(value["from"]), "last": str(value["to"])}
    raise Unsayable


def write(widget: str, name: str, data: Said, *, extras: tuple[str, ...] = ()) -> Any:
    """What was filled in, as a value of the document; None for nothing."""
    if widget in OF_UNITS:
        return of_units.write(widget, name, data)
    if widget == "period":
        return write_period(data, name)
    if widget == "events":
        return write_row(data, name, extras=())
    if widget == "rows":
        rows = [write_row(data, f"{name}-{n}", extras=extras) for n in range(count_of(data, name))]
        filled = [row for row in rows if row is not None]
        return (_by_name(filled) if extras == OF_BEHAVIOUR else filled) or None
    said = data.get(name, "").strip()
    if widget == "pick" and said == "props":
        return f"props.{data.get(f'{name}-property', '').strip()}"
    if widget == "check":
        return True if said else None
    if widget == "day":
        return day_of(said) if said else None
    if widget == "number":
        return int(said) if re.fullmatch(r"-?\d{1,9}", said) else said or None
    if name == "by_step":
        return int(said) if said.isdecimal() else said or None
    return said or None


def count_of(data: Said, name: str) -> int:
    """How many rows of a list were sent."""
    n = 0
    while n < MOST_ROWS and f"{name}-{n}-events" in data:
        n += 1
    return n


def write_row(data: Said, name: str, *, extras: tuple[str, ...]) -> Any:
    """The shortest way to say a row: a name, or a mapping; None for an empty one."""
    names = [one.strip() for one in re.split("[,，]", data.get(f"{name}-events", "")) if one.strip()]
    row: dict[str, Any] = {}
    if names:
        row = {"event": names[0]} if len(names) == 1 else {"events": names}
    for more in ("where", "label", *extras):
        if said := data.get(f"{name}-{more}", "").strip():
            if more == "measure" and re.fullmatch(r"sum|avg|min|max|p\d{1,2}", said):
                said = f"{said}(props.{data.get(f'{name}-property', '').strip()})"
            row[more] = int(said) if more in ("after", "before") and said.isdecimal() else said
    return row["event"] if set(row) == {"event"} else row or None


def write_period(data: Said, name: str) -> Any:
    """`{last: 28d}` or `{from, to}`; None when nothing is chosen."""
    preset = data.get(name, "")
    if preset == "days":
        return {"from": day_of(data.get(f"{name}-first", "")), "to": day_of(data.get(f"{name}-last", ""))}
    return {"last": f"{preset}d"} if preset else None


def day_of(text: str) -> Any:
    """A date, or the text when it is none: the refusal then names it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
