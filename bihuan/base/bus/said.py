"""A fact in words: which fields it says, and what changed from what to what."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.base.bus.fields import code_said, field_said
from bihuan.base.ui import formats

MOST_TEXT = 120
MOST_FIGURE = 10**15
NOTHING: tuple[Any, ...] = (None, "", [], {})
#: Fields that say as much when they are no; a flag that is not set says nothing else.
YES_OR_NO = ("approved", "active", "paused")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One field of a fact; `before` is None where nothing was there to change."""

    label: str
    value: str
    before: str | None = None

    def __str__(self) -> str:
        """ "tier B → A"."""
        told = self.value if self.before is None else f"{self.before} → {self.value}"
        return f"{self.label} {told}".strip()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What an id names: how it is called, and where it leads."""

    title: str
    url: str = ""


Find = Callable[[Iterable[int]], Mapping[int, Subject]]
_subjects: dict[str, Find] = {}


def register_subject(field: str, find: Find) -> None:
    """Say how the ids of a field such as "account_id" are called; `find` leaves out those that are gone."""
    if field in _subjects:
        raise ValueError(f"the field {field!r} of facts is registered twice")
    _subjects[field] = find


def subjects_of(payloads: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], Subject]:
    """Every record that these facts name, by field and id; one query a field."""
    rows = list(payloads)
    found: dict[tuple[str, int], Subject] = {}
    for field, find in _subjects.items():
        ids = {row[field] for row in rows if isinstance(row.get(field), int)}
        if ids:
            found |= {(field, pk): subject for pk, subject in find(ids).items()}
    return found


def told(payload: Mapping[str, Any]) -> list[Told]:
    """What a fact says, without the ids of records and without what is empty: nothing, and flags that are not set."""
    before, after = payload.get("before"), payload.get("after")
    found: list[Told] = []
    if isinstance(after, Mapping):
        was = before if isinstance(before, Mapping) else {}
        found += [_changed(name, was.get(name), value) for name, value in after.items()]
    elif "after" in payload:
        found.append(Told(label="", value=_value("after", after), before=_value("after", before)))
    elif before not in NOTHING and not isinstance(before, Mapping):
        found += _single(before, payload)
    shown = {told.label for told in found}
    return found + [
        Told(label=field_said(name), value=_value(name, value))
        for name, value in payload.items()
        if name not in ("before", "after", "passed", "element")
        and not name.endswith(("_id", "_ids"))
        and value not in NOTHING
        and (value is not False or name in YES_OR_NO)
        and field_said(name) not in shown
    ]


def _single(before: Any, payload: Mapping[str, Any]) -> list[Told]:
    """A fact that says what was there before beside the one number that it sets."""
    for name in ("minutes", "number", "value"):
        if name in payload:
            return [_changed(name, before, payload[name])]
    return [Told(label=pgettext("fact", "before"), value=_value("before", before))]


def _changed(name: str, before: Any, after: Any) -> Told:
    return Told(label=field_said(name), value=_value(name, after), before=_value(name, before))


def _value(name: str, value: Any) -> str:
    """A JSON value as a page writes it, shortened."""
    if value in NOTHING:
        return formats.NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (int, float)):
        return _figure(value)
    if isinstance(value, Mapping):
        text = formats.listed(f"{field_said(key)} {_value(key, inner)}" for key, inner in value.items())
    elif isinstance(value, list):
        text = formats.listed(_value(name, one) for one in value)
    else:
        text = _moment(value) or code_said(name, value)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _figure(value: float) -> str:
    """As it is written where it is longer than any count: one fact must not keep the others from being read."""
    if abs(value) >= MOST_FIGURE:
        return str(value)[:MOST_TEXT]
    return formats.number(value, 0 if float(value).is_integer() else 2)


def _moment(text: str) -> str:
    """A moment in the organisation's zone; empty for other texts, and for a day, which reads as it is."""
    if len(text) < len("2026-01-01T00:00") or text[4:5] != "-" or text[10:11] != "T":
        return ""
    try:
        return formats.exact(datetime.fromisoformat(text))
    except (ValueError, OverflowError):  # at the edge of the calendar
        return ""
