"""Decisions about the tracking plan. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STATES = ("planned", "live", "deprecated")
TYPES = ("any", "text", "number", "boolean", "time", "list", "object")
MAX_NAME = 200
_PROPERTY_OWN = re.compile(r"^\$")


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


_FITS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "time": _is_time,
    "list": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


@dataclass(frozen=True, kw_only=True)
class Property:
    """A planned property of an event."""

    name: str
    type: str = "any"
    required: bool = False
    state: str = "live"
    owner: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A planned event."""

    name: str
    state: str = "live"
    owner: str = ""
    description: str = ""
    properties: tuple[Property, ...] = ()


Breach = tuple[str, str]


def breaches_of_name(name: str, planned: Event | None) -> list[Breach]:
    """What is wrong with an event's name: kind, and "" for the property. Names of SDKs (`$…`) need no plan."""
    if planned is None:
        return [] if name.startswith("$") else [("unplanned_event", "")]
    return [("deprecated_event", "")] if planned.state == "deprecated" else []


def breaches_of_properties(props: Mapping[str, Any], planned: Event) -> list[Breach]:
    """What is wrong with an event's properties: kind and name. An event planned without properties is free."""
    if not planned.properties:
        return []
    found: list[Breach] = []
    for one in planned.properties:
        value = props.get(one.name)
        if value is None:
            if one.required and one.state == "live":
                found.append(("missing_property", one.name))
        elif not _FITS[one.type](value):
            found.append(("wrong_type", one.name))
        elif one.state == "deprecated":
            found.append(("deprecated_property", one.name))
    known = {one.name for one in planned.properties}
    unknown = (name for name in props if name not in known and not _PROPERTY_OWN.match(name))
    return found + [("unplanned_property", name) for name in unknown]


def guess_type(values: Iterable[Any]) -> str:
    """The narrowest type that fits all of the values; "any" when none does or there is no value."""
    present = [value for value in values if value is not None]
    narrow = ("boolean", "number", "time", "text", "list", "object")
    return next((kind for kind in narrow if present and all(map(_FITS[kind], present))), "any")


def guess_event(name: str, samples: Sequence[Mapping[str, Any]]) -> Event:
    """An event as these samples of it suggest; what every sample has is required. At most 100 properties."""
    names: dict[str, int] = {}
    for sample in samples:
        for key, value in sample.items():
            if not _PROPERTY_OWN.match(key) and value is not None and key:
                names[key] = names.get(key, 0) + 1
    properties = tuple(
        Property(
            name=key[:MAX_NAME],
            type=guess_type(sample.get(key) for sample in samples),
            required=count == len(samples) > 1,
        )
        for key, count in sorted(names.items())[:100]
    )
    return Event(name=name, properties=properties)


def read_document(document: Any) -> tuple[list[Event], list[str]]:
    """The events of a plan written down, and everything that is wrong with it in sentences."""
    problems: list[str] = []
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(events, list):
        return [], ["The document needs a list `events`."]
    found = [
        event
        for place, given in enumerate(events, start=1)
        if (event := _event(given, f"events[{place}]", problems)) is not None
    ]
    names = [event.name for event in found]
    problems += [f"{name!r} is planned twice." for name in sorted({n for n in names if names.count(n) > 1})]
    return found, problems


def write_document(*, product: str, events: Iterable[Event]) -> dict[str, Any]:
    """The document that `read_document` reads; what has its default value is left out."""
    return {"product": product, "events": [_written(event) for event in events]}


def _event(given: Any, where: str, problems: list[str]) -> Event | None:
    told = _told(given, where, ("state", "owner", "description", "properties"), problems)
    if told is None:
        return None
    listed = told.pop("properties", None) or []
    if not isinstance(listed, list):
        problems.append(f"{where}: `properties` must be a list.")
        listed = []
    properties = []
    for place, one in enumerate(listed, start=1):
        inner = f"{where}.properties[{place}]"
        words = _told(one, inner, ("type", "required", "state", "owner", "description"), problems)
        if words is not None and words.get("type", "any") not in TYPES:
            problems.append(f"{inner}: the type is none of {', '.join(TYPES)}.")
        elif words is not None:
            properties.append(Property(**words | {"required": bool(words.get("required", False))}))
    return Event(**told, properties=tuple(properties))


def _told(given: Any, where: str, allowed: Sequence[str], problems: list[str]) -> dict[str, Any] | None:
    if isinstance(given, str):
        given = {"name": given}
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME:
        problems.append(f"{where}: it needs a `name` of at most {MAX_NAME} characters.")
        return None
    unknown = sorted(str(key) for key in given if key not in ("name", *allowed))
    if unknown:
        problems.append(f"{where}: {', '.join(unknown)} is not known here.")
    if given.get("state", "live") not in STATES:
        problems.append(f"{where}: the state is none of {', '.join(STATES)}.")
        return None
    told = {key: value for key, value in given.items() if key in ("name", *allowed) and value is not None}
    for key in ("owner", "description"):
        if key in told and (
            not isinstance(told[key], str) or len(told[key]) > (120 if key == "owner" else 1000)
        ):
            problems.append(f"{where}: `{key}` must be text, and not that long.")
            del told[key]
    return told


def _written(event: Event) -> dict[str, Any]:
    told: dict[str, Any] = {"name": event.name, "state": event.state}
    told |= {key: getattr(event, key) for key in ("owner", "description") if getattr(event, key)}
    if event.properties:
        told["properties"] = [_written_property(one) for one in event.properties]
    return told


def _written_property(one: Property) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "type": one.type}
    if one.required:
        told["required"] = True
    if one.state != "live":
        told["state"] = one.state
    return told | {key: getattr(one, key) for key in ("owner", "description") if getattr(one, key)}
