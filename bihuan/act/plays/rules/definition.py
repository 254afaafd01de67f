"""A play's documents, read and checked: what sets it off, what is done, what it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TRIGGER_KINDS = ("signal", "risk", "date", "stage", "segment", "manual")
STEP_KINDS = ("message", "task", "ticket", "visit", "training", "process")
MOST_STEPS = 12
MOST_VALUES = 40
MOST_DAYS = 365
LEVELS = ("info", "warning", "critical")


class DefinitionError(ValueError):
    """`field` is what to change; the text names the value and the remedy."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(message)
        self.field = field_name


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """signal: one of `signals`, at least so grave; risk: at or above `level`; date: `measure` is at or below one of `days`;
    stage: the account entered one of `stages`; segment: it is in `segment`; manual: somebody starts it."""

    kind: str
    signals: tuple[str, ...] = ()
    least: str = "info"
    level: float = 0.5
    measure: str = "days_to_renewal"
    days: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    segment: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """message: `title` and `text` (or the template of that name) on a `channel` of this kind, to the decision chain (`to`:
    deciders) or to everybody; process: `process` by key, begun with `values` (what its first form asks for). Others are a task,
    a ticket or a process of that name. `after` days from the confirmation."""

    kind: str
    title: str
    title_zh: str = ""
    text: str = ""
    text_zh: str = ""
    after: int = 0
    channel: str = ""
    template: str = ""
    to: str = "deciders"
    process: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """`event`: the account does one of these events within the window; `rule`: this becomes true of it."""

    events: tuple[str, ...] = ()
    rule: str = ""
    title: str = ""
    title_zh: str = ""


def read_trigger(raw: Any) -> Trigger:
    """DefinitionError says what is wrong."""
    found = _mapping(raw, "trigger")
    kind = found.get("kind")
    if kind not in TRIGGER_KINDS:
        raise DefinitionError("trigger", f"kind {kind!r} is none of {', '.join(TRIGGER_KINDS)}")
    known = {"signal": {"signals", "least"}, "risk": {"level"}, "date": {"measure", "days"}, "stage": {"stages"},
             "segment": {"segment"}, "manual": set()}[kind]  # fmt: skip
    _only(found, {"kind", *known}, "trigger")
    if kind == "signal":
        least = found.get("least", "info")
        if least not in LEVELS:
            raise DefinitionError("trigger", f"least {least!r} is none of {', '.join(LEVELS)}")
        return Trigger(kind=kind, signals=_texts(found.get("signals"), "trigger", "signals"), least=least)
    if kind == "risk":
        level = found.get("level", 0.5)
        if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level <= 1:
            raise DefinitionError("trigger", f"level {level!r} is no number above 0 and up to 1, such as 0.5")
        return Trigger(kind=kind, level=float(level))
    if kind == "date":
        days = found.get("days")
        if not isinstance(days, list) or not days or len(days) > 12 or any(not _is_days(one) for one in days):
            raise DefinitionError("trigger", f"days {days!r} are no list of whole numbers from 0 to {MOST_DAYS}, "
                                  "such as [120, 90, 60, 30]")  # fmt: skip
        measure = found.get("measure", "days_to_renewal")
        if not isinstance(measure, str) or not measure.isidentifier():
            raise DefinitionError(
                "trigger", f"measure {measure!r} is no name of a measure, such as days_to_renewal"
            )
        return Trigger(kind=kind, measure=measure, days=tuple(sorted(set(days), reverse=True)))
    if kind == "stage":
        return Trigger(kind=kind, stages=_texts(found.get("stages"), "trigger", "stages"))
    if kind == "segment":
        segment = found.get("segment")
        if not isinstance(segment, str) or not segment.strip() or len(segment) > 2000:
            raise DefinitionError("trigger", "say which segment: @key or a rule over accounts")
        return Trigger(kind=kind, segment=segment.strip())
    return Trigger(kind=kind)


def read_steps(raw: Any) -> tuple[Step, ...]:
    """1 to 12 of them."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_STEPS:
        raise DefinitionError("steps", f"write a list of 1 to {MOST_STEPS} steps")
    return tuple(_step(one, place) for place, one in enumerate(raw, start=1))


def _step(raw: Any, place: int) -> Step:
    where = f"step {place}"
    found = _mapping(raw, "steps")
    kind = found.get("kind")
    if kind not in STEP_KINDS:
        raise DefinitionError("steps", f"{where}: kind {kind!r} is none of {', '.join(STEP_KINDS)}")
    known = {"kind", "title", "title_zh", "text", "text_zh", "after"} | {
        "message": {"channel", "template", "to"}, "process": {"process", "values"},
    }.get(kind, set())  # fmt: skip
    _only(found, known, "steps", where=where)
    values: dict[str, Any] = {}
    for name in known - {"kind", "after", "values"}:
        value = found.get(name, "")
        most = 2000 if name.startswith("text") else 200
        if not isinstance(value, str) or len(value) > most:
            raise DefinitionError(
                "steps", f"{where}: {name} {str(value)[:60]!r} is no text of at most {most} characters"
            )
        if value:
            values[name] = value.strip()
    after = found.get("after", 0)
    if not _is_days(after):
        raise DefinitionError(
            "steps", f"{where}: after {after!r} is no whole number of days from 0 to {MOST_DAYS}"
        )
    if not values.get("title"):
        raise DefinitionError("steps", f"{where}: say in title what is to be done")
    need = {"message": ("channel",), "process": ("process",)}.get(kind, ())
    for name in need:
        if not values.get(name):
            raise DefinitionError("steps", f"{where}: a {kind} needs {name}")
    if kind == "message" and not (values.get("template") or values.get("text")):
        raise DefinitionError("steps", f"{where}: write the text of the message, or name a template")
    if values.get("to", "deciders") not in ("deciders", "everybody"):
        raise DefinitionError("steps", f"{where}: to {values['to']!r} is neither deciders nor everybody")
    if kind == "process":
        values["values"] = _values(found.get("values", {}), where)
    return Step(kind=kind, after=after, **values)


def _values(raw: Any, where: str) -> dict[str, Any]:
    """What a process begins with: names with plain values; whether they suit its form is said when it is begun."""
    if not isinstance(raw, Mapping) or len(raw) > MOST_VALUES:
        raise DefinitionError(
            "steps", f"{where}: values are no object of at most {MOST_VALUES} names with values"
        )
    for name, value in raw.items():
        fits = isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= 2000)
        if not isinstance(name, str) or not fits:
            raise DefinitionError(
                "steps",
                f"{where}: values: {str(name)[:60]!r} is no text, number or yes/no (at most 2,000 characters)",
            )
    return dict(raw)


def read_goal(raw: Any) -> Goal:
    """Either `event` (one or several) or `rule`."""
    found = _mapping(raw, "goal")
    _only(found, {"event", "rule", "title", "title_zh"}, "goal")
    event, rule = found.get("event"), found.get("rule", "")
    if (not event) == (not rule):
        raise DefinitionError("goal", "say either event (a name, or a list of names) or rule")
    title, title_zh = (str(found.get(name, ""))[:200] for name in ("title", "title_zh"))
    if event:
        return Goal(
            events=_texts([event] if isinstance(event, str) else event, "goal", "event"),
            title=title,
            title_zh=title_zh,
        )
    if not isinstance(rule, str) or len(rule) > 2000:
        raise DefinitionError("goal", "rule is no text of at most 2,000 characters")
    return Goal(rule=rule, title=title, title_zh=title_zh)


def read_minutes(raw: Any, *, roles: Sequence[str]) -> dict[str, int]:
    """{role: minutes}."""
    found = _mapping(raw or {}, "minutes")
    for role, minutes in found.items():
        if role not in roles:
            raise DefinitionError("minutes", f"{role!r} is no role; there is: {', '.join(roles)}")
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 <= minutes <= 10_000:
            raise DefinitionError("minutes", f"{role}: {minutes!r} is no whole number from 0 to 10000")
    return dict(found)


def _is_days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_DAYS


def _mapping(raw: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise DefinitionError(name, f"{str(raw)[:60]!r} is no object with names and values")
    return raw


def _only(found: Mapping[str, Any], known: set[str], name: str, *, where: str = "") -> None:
    strange = sorted(set(map(str, found)) - known)
    if strange:
        place = f"{where}: " if where else ""
        raise DefinitionError(name, f"{place}{strange[0]!r} is unknown; there is: {', '.join(sorted(known))}")


def _texts(raw: Any, name: str, what: str) -> tuple[str, ...]:
    if (
        not isinstance(raw, list)
        or not 1 <= len(raw) <= 50
        or any(not isinstance(one, str) or not one for one in raw)
    ):
        raise DefinitionError(name, f"{what} {str(raw)[:60]!r} is no list of 1 to 50 texts")
    return tuple(raw)
