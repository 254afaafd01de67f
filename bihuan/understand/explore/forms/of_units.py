"""Inputs of questions about accounts and people as they are: fields that are ticked, moments of a life, lists of numbers."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.understand.engine.fields import BY, NAMES, Field
from bihuan.understand.engine.survival.question import MOMENT
from bihuan.understand.engine.units import FIELD_SCHEMA
from bihuan.understand.explore.forms.base import Input, Said, Unsayable
from bihuan.understand.explore.names import known_fields
from bihuan.understand.explore.words import choice_title, kind_title

#: What a moment of a life is said by; a choice that needs more has an input of that name beside it.
MOMENTS = {
    "start": ("contract", "first_event", "event", "field"),
    "end": ("contract", "event", "silence", "field"),
}
#: What a kind can be broken down by beside what is known of accounts.
OWN = {"tickets": ("priority", "family")}
OTHER = "other"
#: (heading, [(value, label, whether it is chosen)])
Groups = list[tuple[str, list[tuple[str, str, bool]]]]


def widget_of(one: Field) -> str:
    """field, fields, moment or numbers; empty for any other field."""
    if one.schema is FIELD_SCHEMA or (one.name == "by" and one is not BY):
        return "field"
    if one.schema is MOMENT:
        return "moment"
    items = one.schema.get("items")
    if one.schema is NAMES or items is FIELD_SCHEMA:
        return "fields"
    return "numbers" if items is not None and items.get("type") == "number" else ""


def read(widget: str, value: Any) -> Any:
    """The value of a document as the input shows it; Unsayable when it cannot.

    field: a text; fields: a list of texts; numbers: "1, 3"; moment: {choice, event, days, field}.
    """
    if widget == "moment":
        return _read_moment(value)
    if widget == "field":
        if not isinstance(value, str):
            raise Unsayable
        return value
    if not isinstance(value, list) or any(
        isinstance(one, bool) or not isinstance(one, (str, int, float)) for one in value
    ):
        raise Unsayable
    if widget == "numbers":
        return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
    if not all(isinstance(one, str) and re.fullmatch(r"[^\s,，~]+", one) for one in value):
        raise Unsayable
    return value


def _read_moment(value: Any) -> dict[str, str]:
    nothing = {"choice": "contract", "event": "", "days": "", "field": ""}
    if value in ("contract", "first_event"):
        return nothing | {"choice": value}
    if isinstance(value, Mapping) and len(value) == 1:
        if isinstance(value.get("event"), str):
            return nothing | {"choice": "event", "event": value["event"]}
        if isinstance(value.get("silence"), (int, str)):
            return nothing | {"choice": "silence", "days": str(value["silence"])}
    if isinstance(value, (str, date)):
        return nothing | {"choice": "field", "field": str(value)}
    raise Unsayable


def write(widget: str, name: str, data: Said) -> Any:
    """What was filled in, as a value of the document; None for nothing."""
    if widget == "moment":
        return _write_moment(name, data)
    if widget == "field":
        chosen = data.get(name, "").strip()
        return (data.get(f"{name}-other", "").strip() if chosen == OTHER else chosen) or None
    if widget == "numbers":
        return [_number(one) for one in re.split(r"[\s,，、]+", data.get(name, "").strip()) if one] or None
    return _write_fields(name, data) or None


def _write_moment(name: str, data: Said) -> Any:
    choice = data.get(name, "contract")
    if choice == "event":
        return {"event": data.get(f"{name}-event", "").strip()}
    if choice == "silence":
        days = data.get(f"{name}-days", "").strip()
        return {"silence": int(days) if days.isdecimal() else days}
    if choice == "field":
        return data.get(f"{name}-field", "").strip()
    return None if choice == "contract" else choice


def _write_fields(name: str, data: Said) -> list[str]:
    """Those that were chosen before in their order, then the new ones."""
    ticked = [key.removeprefix(f"{name}~") for key in data if key.startswith(f"{name}~")]
    typed = [one for one in re.split(r"[\s,，、]+", data.get(f"{name}-more", "")) if one]
    chosen = dict.fromkeys([*ticked, *typed])
    before = [one for one in data.get(f"{name}-was", "").split(",") if one in chosen]
    return list(dict.fromkeys([*before, *chosen]))


def _number(text: str) -> Any:
    """A number, or the text when it is none: the refusal then names it."""
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def dress(made: Input, one: Field, *, document: Mapping[str, Any]) -> None:
    """What there is to choose from, and what is chosen."""
    if made.widget == "moment":
        made.choices = [(choice, choice_title(one.name, choice)) for choice in MOMENTS[one.name]]
        made.value = made.value or _read_moment("contract")
    elif made.widget == "numbers":
        made.help = _("%(n)s if left empty") % {"n": one.default.strip("`[]")}
    else:
        chosen = [made.value] if isinstance(made.value, str) else made.value
        made.groups = groups_of(one, chosen=[name for name in chosen if name], document=document)
        known = {name for _title, rows in made.groups for name, _label, _on in rows}
        others = [name for name in chosen if name and name not in known]
        made.value = {"was": ",".join(chosen), "more": ", ".join(others)}


def groups_of(one: Field, *, chosen: list[str], document: Mapping[str, Any]) -> Groups:
    """The fields to choose from under their headings. A list of names speaks of measures only, without their m; a duration and
    a yes-or-no are no measures as of a day, and nothing is broken down by one."""
    of_people = document.get("unit") == "person" or "person." in str(document.get("segment", ""))
    measured, *others = known_fields("person" if of_people else "account")
    if one.schema is NAMES:
        groups = [(measured[0], [(name.removeprefix("m."), label) for name, label in measured[1]])]
    elif one.name in ("by", "duration", "event"):
        own = [(name, choice_title("by", name)) for name in OWN.get(str(document["kind"]), ())]
        groups = [*([(kind_title(str(document["kind"])), own)] if own else []), *others]
    else:
        groups = [measured, *others]
    return [(title, [(name, label, name in chosen) for name, label in rows]) for title, rows in groups]
