"""The survival question, checked and complete, and what its numbers mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import SEGMENT, Field, choice, known_fields, one_of
from bihuan.understand.engine.listing import LEFT_OUT, Cell, a_value, amount, either, list_field, read_cell
from bihuan.understand.engine.scope import read_day, read_segment_name
from bihuan.understand.engine.units import (
    AS_OF,
    FIELD_SCHEMA,
    UNIT,
    UNITS,
    read_field,
    read_fields,
)

EVERY = {"month": 30.4375, "week": 7.0, "day": 1.0}
MOMENTS = ("contract", "first_event", "event", "silence")
MOMENT: Mapping[str, Any] = {"anyOf": [
    {"enum": ["contract", "first_event"]}, FIELD_SCHEMA,
    {"type": "object", "properties": {"event": {"type": "string"}}, "required": ["event"], "additionalProperties": False},
    {"type": "object", "properties": {"silence": {"type": "integer", "minimum": 1, "maximum": 3650}},
     "required": ["silence"], "additionalProperties": False},
]}  # fmt: skip
SMALLER = "in smaller groups, not shown"
#: Why a unit does not count.
REASONS = ("no duration", "negative duration", "the event is neither yes nor no", "no start", "started later",
           "ended before it started", SMALLER)  # fmt: skip
FIELDS = (
    Field(name="duration", schema=FIELD_SCHEMA, default="none",
          meaning="a number of the unit, such as `account.months_active`; then `event` says whether it has happened"),
    Field(name="event", schema=FIELD_SCHEMA, default="none",
          meaning="a yes or no of the unit, such as `account.churned`; no: it was still there after `duration`"),
    Field(name="start", schema=MOMENT, default="`contract`", meaning="without `duration`: `contract` (the first one's start), "
          "`first_event`, `{event: name}` (its first) or a day such as `account.signed_up_on`"),
    Field(name="end", schema=MOMENT, default="`contract`", meaning="`contract` (the last one's end; open: not yet), "
          "`{event: name}` (its first after the start), `{silence: 30}` (the last event, when it is that many days ago) "
          "or a day of the unit"),
    Field(name="every", schema=one_of(*EVERY), default="`month`",
          meaning="what durations are counted in: `month` (30.4375 days), `week` or `day`"),
    Field(name="at", schema={"type": "array", "items": {"type": "number", "minimum": 0}, "maxItems": 50},
          default="`[1, 3, 6, 12]`", meaning="times for which S is told"),
    Field(name="by", schema=FIELD_SCHEMA, default="none",
          meaning="one curve for each value, and the log-rank test; twelve groups at most, the smaller ones are left out"),
    Field(name="columns", schema={"type": "array", "items": FIELD_SCHEMA, "maxItems": 40}, default="none",
          meaning="fields for a Cox model: hazard ratios"),
    list_field("time", "of", "series", meaning=(
        "as a row has them: `{time: 3, of: ended}` to whom it happened at that time, `{time: 3, of: at_risk}` who lasted that "
        "long at least, `{time: 3, of: still}` to whom it had not happened "
        "then; without `time` all to whom it happened, or all; with `by` also `series`"
    )),
    SEGMENT,
    UNIT, AS_OF,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Moment:
    """`kind` is one of MOMENTS, or field; `name` the event or field; `days` of silence."""

    kind: str
    name: str = ""
    days: int = 0


@dataclass(frozen=True, kw_only=True)
class SurvivalQuestion:
    """Either `duration` and `event` (fields), or `start` and `end` (moments), are there."""

    unit: str
    duration: str | None
    event: str | None
    start: Moment | None
    end: Moment | None
    every: str
    at: tuple[float, ...]
    by: str | None
    columns: tuple[str, ...]
    segment: str | None
    as_of: date
    listed: Cell | None = None


def read_survival(raw: Mapping[str, Any], *, today: date) -> SurvivalQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "survival", FIELDS)
    duration, event = raw.get("duration"), raw.get("event")
    if (duration is None) != (event is None):
        missing = "event" if event is None else "duration"
        raise QuestionError(missing, "a duration needs an event (yes or no), and an event a duration")
    if duration is not None:
        for name in ("start", "end"):
            if name in raw:
                raise QuestionError(name, "duration says how long; leave start and end out")
    return SurvivalQuestion(
        unit=choice(raw, "unit", UNITS),
        duration=None if duration is None else read_field(duration, "duration"),
        event=None if event is None else read_field(event, "event"),
        start=None if duration is not None else _moment(raw.get("start", "contract"), "start"),
        end=None if duration is not None else _moment(raw.get("end", "contract"), "end"),
        every=choice(raw, "every", tuple(EVERY)), at=_times(raw.get("at")),
        by=None if raw.get("by") is None else read_field(raw["by"], "by"),
        columns=read_fields(raw.get("columns"), "columns"), segment=read_segment_name(raw.get("segment"), "segment"),
        as_of=read_day(raw.get("as_of", today), "as_of"),
        listed=read_cell(raw.get("list"), needs=("of",), left_out={LEFT_OUT: either(*REASONS)},
                         takes={"time": amount(0, 1e6), "of": either("ended", "at_risk", "still")}
                         | ({"series": a_value} if raw.get("by") is not None else {})),
    )  # fmt: skip


def _moment(raw: Any, field: str) -> Moment:
    words = {"start": ("contract", "first_event"), "end": ("contract",)}[field]
    if raw in words:
        return Moment(kind=str(raw))
    if isinstance(raw, Mapping) and set(raw) == {"event"} and isinstance(raw["event"], str) and raw["event"]:
        return Moment(kind="event", name=raw["event"])
    if field == "end" and isinstance(raw, Mapping) and set(raw) == {"silence"}:
        days = raw["silence"]
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 3650:
            raise QuestionError("end.silence", f"write a number of days from 1 to 3650, not {days!r}")
        return Moment(kind="silence", days=days)
    if isinstance(raw, str) and "." in raw:
        return Moment(kind="field", name=read_field(raw, field))
    more = " or {silence: 30}" if field == "end" else ""
    raise QuestionError(
        field, f"write {', '.join(words)}, {{event: name}}, account.<field>{more}, not {raw!r}"
    )


def _times(raw: Any) -> tuple[float, ...]:
    given = [1, 3, 6, 12] if raw is None else raw
    if not isinstance(given, (list, tuple)) or not 1 <= len(given) <= 50:
        raise QuestionError("at", "write a list of 1 to 50 times such as [1, 3, 6, 12]")
    for value in given:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e6:
            raise QuestionError("at", f"write times from 0 on, not {value!r}")
    return tuple(sorted({float(value) for value in given}))


def definition_of(question: SurvivalQuestion) -> tuple[str, ...]:
    """What the numbers mean."""
    lines = [
        "S(t): share to whom it has not happened by t (Kaplan–Meier; those still there count until they were last seen)"
    ]
    if question.duration:
        lines.append(
            f"by {question.unit}: {question.duration} long, it happened where {question.event} is yes"
        )
    elif question.start and question.end:
        lines.append(
            f"by {question.unit}: from {_said(question.start, 'start')} to {_said(question.end, 'end')}"
        )
        lines.append(f"as of {question.as_of}; a {question.every} is {EVERY[question.every]:g} days")
    lines.append("95 % intervals on the log(-log) scale; the median is the first time with S ≤ 0.5")
    if question.by:
        lines.append(f"by {question.by}; log-rank test over all groups shown")
    if question.columns:
        lines.append("hazard ratios by Cox, all fields together, texts against the most frequent value")
    if question.segment:
        lines.append(f"segment {question.segment}")
    return tuple(lines)


def _said(moment: Moment, field: str) -> str:
    if moment.kind == "contract":
        return (
            "the first contract's start"
            if field == "start"
            else "the last contract's end, gaps between passed over"
        )
    return {
        "first_event": "the first product event",
        "event": f"the first {moment.name}",
        "silence": f"the last product event, when it is at least {moment.days} days ago",
        "field": moment.name,
    }[moment.kind]
