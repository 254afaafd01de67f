"""The process question, checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from bihuan.base.calendars import Calendar, CalendarError, read_calendar
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import (
    BY,
    SELECTOR,
    SHARED,
    TEXT,
    Field,
    choice,
    known_fields,
    one_of,
    whole,
)
from bihuan.understand.engine.left_out import takes_left_out
from bihuan.understand.engine.listing import Cell, Read, a_text, a_value, list_field, read_cell, true, values
from bihuan.understand.engine.process.working import WORKING, working_days
from bihuan.understand.engine.scope import Scope, Selector, no_unit, read_by, read_scope, read_selector

ONLY_STARTED = "cases that were started and completed nothing"
SHOWN = ("variants", "follows", "activities", "cases")
_TEXTS: Mapping[str, Any] = {"type": "array", "items": TEXT, "maxItems": 1_000}
FIELDS = (
    Field(name="events", schema=SELECTOR, default="any product event", meaning="what is read of a case: `{events, where}`"),
    Field(name="activity", schema=TEXT, default="the event's name",
          meaning="`props.<name>`: what a step of the case is called"),
    Field(name="show", schema=one_of(*SHOWN), default="`variants`",
          meaning="the rows: `variants`, directly-`follows` pairs, `activities`, or `cases` (with `by`: a row a value)"),
    Field(name="transition", schema=TEXT, default="none",
          meaning="`props.<name>`, which is `start` where work on an activity begins and `complete` (or absent) where it ends: "
          "gives the service time; other values are passed over"),
    Field(name="calendar", default="none", schema={"anyOf": [TEXT, {
        "type": "object", "additionalProperties": False,
        "properties": {"days": _TEXTS, "hours": {"anyOf": [_TEXTS, {"type": "object", "additionalProperties": _TEXTS}]},
                       "holidays": TEXT, "closed": _TEXTS, "open": _TEXTS}}]},
          meaning="working time beside elapsed time: `09:00-12:00 13:00-18:00 CN` (hours from Monday to Friday, holidays of a "
          "country), or `{days: [mon, sat], hours: [\"09:00-18:00\"], holidays: CN, "
          "closed: [2026-10-09], open: [2026-11-07]}`"),
    Field(name="top", schema={"type": "integer", "minimum": 1, "maximum": 10000}, default="`100`",
          meaning="how many rows at most, the most frequent first"),
    BY,
    list_field("variant", "activity", "then", "rework", "start", "end", "series", "unit",
               meaning="`{variant: [open, close]}`, `{activity: open, then: close}` or `{activity: open}`, with `rework`, "
               "`start` or `end`: `true` only the cases that do it again, begin or end with it; with a breakdown also "
               "`series`; `{}` all cases"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ProcessQuestion:
    """Checked and complete; the unit is the case. `hours` is the calendar as it was written, for the definition."""

    scope: Scope
    events: Selector
    activity: str | None
    show: str
    transition: str | None
    calendar: Calendar | None
    hours: str
    top: int
    by: str | None
    listed: Cell | None

    def beside(self, *, zone: str) -> dict[str, pa.Table]:
        """What its plans need beside the events: the working time of each day, by the clock of the zone."""
        if self.calendar is None:
            return {}
        calendar = replace(self.calendar, zone=zone)
        return {WORKING: working_days(calendar, first=self.scope.first, last=self.scope.last)}


def read_process(raw: Mapping[str, Any], *, today: date) -> ProcessQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "process", FIELDS)
    given = raw.get("events")
    if isinstance(given, (list, tuple)):
        given = {"events": given}
    scope = read_scope(raw, today=today)
    calendar = _calendar(raw.get("calendar"), scope)
    return ProcessQuestion(
        scope=scope, events=Selector() if given is None else read_selector(given, "events", needs_event=False),
        activity=_property(raw, "activity"), show=choice(raw, "show", SHOWN), transition=_property(raw, "transition"),
        calendar=calendar, hours="" if calendar is None else _written(raw["calendar"]),
        top=whole(raw, "top", default=100, least=1, most=10_000), by=read_by(raw.get("by")), listed=_listed(raw, scope),
    )  # fmt: skip


def _property(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is not None and not str(value).startswith("props."):
        raise QuestionError(name, f"write props.<name>, not {value!r}")
    return None if value is None else read_by(value, name)


def _calendar(raw: Any, scope: Scope) -> Calendar | None:
    if raw is None:
        return None
    try:
        return read_calendar(raw, zone="UTC", years=range(scope.first.year, scope.last.year + 1))
    except CalendarError as error:
        raise QuestionError(f"calendar.{error.field}" if error.field else "calendar", error.message) from None


def _written(raw: str | Mapping[str, Any]) -> str:
    if isinstance(raw, str):
        return raw
    parts = {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": ["09:00-18:00"]} | dict(raw)
    if isinstance(hours := parts["hours"], Mapping):
        parts = {name: value for name, value in parts.items() if name not in ("days", "hours")} | dict(hours)
    texts = {
        name: value if isinstance(value, str) else " ".join(map(str, value)) for name, value in parts.items()
    }
    return "; ".join(f"{name} {text}" for name, text in texts.items())


def _listed(raw: Mapping[str, Any], scope: Scope) -> Cell | None:
    flags = dict.fromkeys(("rework", "start", "end"), true)
    takes: dict[str, Read] = {"variant": values, "activity": a_text, "then": a_text, **flags}
    by = {"series": a_value} if raw.get("by") is not None else {}
    reasons = [no_unit(scope.unit), *(f"no {raw[name]}" for name in ("activity",) if raw.get(name))]
    reasons += [ONLY_STARTED] if raw.get("transition") else []
    found = read_cell(raw.get("list"), takes=takes | by, left_out=takes_left_out(*reasons))
    if found is not None and "then" in found and "activity" not in found:
        raise QuestionError("list.activity", "name it, so that it is one number")
    return found
