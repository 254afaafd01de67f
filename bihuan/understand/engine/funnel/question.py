"""The funnel question, checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import (
    BY,
    DURATION,
    RULE,
    SELECTOR,
    SHARED,
    TEXT,
    Field,
    choice,
    known_fields,
    one_of,
)
from bihuan.understand.engine.left_out import takes_left_out
from bihuan.understand.engine.listing import LEFT_OUT, Cell, a_day, a_value, list_field, read_cell
from bihuan.understand.engine.scope import (
    Scope,
    Selector,
    no_unit,
    read_by,
    read_scope,
    read_selector,
    read_span,
    read_unit,
)

ORDERS = ("ordered", "strict", "any")
REENTRY = ("optimised", "first")
EVERY = ("day", "week", "month")
_STEP: Mapping[str, Any] = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 20}, TEXT]}
FIELDS = (
    Field(name="steps", schema={"type": "array", "items": SELECTOR, "minItems": 2, "maxItems": 20}, default="required",
          meaning="2 to 20 of `{event or events, where, label}`; the name of an event will do"),
    Field(name="within", schema=DURATION, default="`7d`",
          meaning="the window (`30m`, `12h`, `7d`, `2w`): it runs from step 1 and its end is inclusive"),
    Field(name="order", schema=one_of(*ORDERS), default="`ordered`",
          meaning="`ordered`: others may occur between; `strict`: any other event of the unit breaks it; `any` order"),
    Field(name="reentry", schema=one_of(*REENTRY), default="`optimised`",
          meaning="`optimised`: a later step 1 may start a better attempt; `first`: only the unit's first one"),
    Field(name="exclude", default="none", schema={"type": "array", "maxItems": 10, "items": {
        "type": "object", "additionalProperties": False,
        "properties": {"event": TEXT, "events": {"type": "array", "items": TEXT}, "where": RULE, "label": TEXT,
                       "after": _STEP, "before": _STEP}}},
          meaning="`{event, where, after: 1, before: 3}`: ends an attempt that stands between these steps (number or "
          "label; default: first and last)"),
    Field(name="hold", schema=TEXT, default="none",
          meaning="`props.<name>`: all steps of an attempt have the same value of it"),
    BY,
    Field(name="by_step", schema=_STEP, default="1", meaning="the step that the breakdown's value is taken from"),
    Field(name="every", schema=one_of(*EVERY), default="none",
          meaning="conversion over time: units by the `day`, `week` or `month` in which their attempt began"),
    list_field("reached", "dropped_after", "series", "bucket", "unit",
               meaning="`{reached: 2}` or `{dropped_after: 2}`, with a breakdown also `series`, with `every` the `bucket`"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """Ends an attempt that has reached step `after` and not yet step `before`."""

    selector: Selector
    after: int
    before: int


@dataclass(frozen=True, kw_only=True)
class FunnelQuestion:
    """Steps are numbered from 1; `within` is in microseconds; `listed` holds a step's number as `reached` or
    `dropped_after`."""

    scope: Scope
    steps: tuple[Selector, ...]
    within: int
    order: str
    reentry: str
    exclude: tuple[Exclusion, ...]
    hold: str | None
    by: str | None
    by_step: int
    every: str | None
    listed: Cell | None


def read_funnel(raw: Mapping[str, Any], *, today: date) -> FunnelQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "funnel", FIELDS)
    given = raw.get("steps")
    if not isinstance(given, (list, tuple)) or not 2 <= len(given) <= 20:
        raise QuestionError("steps", "write a list of 2 to 20 steps")
    steps = tuple(read_selector(one, f"steps[{number}]") for number, one in enumerate(given, start=1))
    order, every, hold = choice(raw, "order", ORDERS), raw.get("every"), raw.get("hold")
    if every is not None and every not in EVERY:
        raise QuestionError("every", f"{every!r} is none of {', '.join(EVERY)}")
    if hold is not None and (not isinstance(hold, str) or not read_unit_is_property(hold)):
        raise QuestionError("hold", f"write props.<name>, not {hold!r}")
    exclude = _exclusions(raw.get("exclude"), steps)
    if order != "ordered" and exclude:
        raise QuestionError("exclude", "only `order: ordered` has a between; leave exclude out")
    if order == "strict" and hold:
        raise QuestionError("hold", "strict order reads every event of the unit; leave hold out")
    if order == "any" and len({(one.events, one.where) for one in steps}) < len(steps):
        raise QuestionError("steps", "two steps are the same; in any order the second could never be reached")
    scope = read_scope(raw, today=today)
    reasons = (no_unit(scope.unit), *([f"no {hold}"] if hold else []))
    return FunnelQuestion(
        scope=scope, steps=steps,
        within=read_span(raw.get("within"), "within", default="7d"), order=order,
        reentry=choice(raw, "reentry", REENTRY), exclude=exclude, hold=hold, by=read_by(raw.get("by")),
        by_step=_step(raw.get("by_step", 1), steps, "by_step"), every=every, listed=_listed(raw, steps, reasons),
    )  # fmt: skip


def read_unit_is_property(raw: str) -> bool:
    """Whether it is props.<name>."""
    return read_unit(raw).startswith("props.") if raw.startswith("props.") else False


def _exclusions(raw: Any, steps: tuple[Selector, ...]) -> tuple[Exclusion, ...]:
    given = [] if raw is None else [raw] if isinstance(raw, (str, Mapping)) else raw
    if not isinstance(given, (list, tuple)) or len(given) > 10:
        raise QuestionError("exclude", "write a list of 10 exclusions at most")
    return tuple(_exclusion(one, f"exclude[{number}]", steps) for number, one in enumerate(given, start=1))


def _exclusion(raw: Any, field: str, steps: tuple[Selector, ...]) -> Exclusion:
    raw = {"event": raw} if isinstance(raw, str) else raw
    if not isinstance(raw, Mapping):
        raise QuestionError(field, f"write {{event, after, before}}, not {raw!r}")
    places = {name: raw[name] for name in ("after", "before") if name in raw}
    selector = read_selector({name: raw[name] for name in raw if name not in places}, field)
    start = _step(places.get("after", 1), steps, f"{field}.after")
    end = _step(places.get("before", len(steps)), steps, f"{field}.before")
    if start >= end:
        raise QuestionError(f"{field}.before", f"step {end} does not come after step {start}")
    return Exclusion(selector=selector, after=start, before=end)


def _listed(raw: Mapping[str, Any], steps: tuple[Selector, ...], reasons: tuple[str, ...]) -> Cell | None:
    given = raw.get("list")
    takes = {name: lambda one, field: _step(one, steps, field) for name in ("reached", "dropped_after")}
    more = ({"series": a_value} if raw.get("by") else {}) | ({"bucket": a_day} if raw.get("every") else {})
    found = read_cell(given, takes=takes | more, left_out=takes_left_out(*reasons))
    if found is None or LEFT_OUT in found:
        return found
    if ("reached" in found) == ("dropped_after" in found):
        raise QuestionError("list", f"write {{reached: 2}} or {{dropped_after: 2}}, not {given!r}")
    if found.get("dropped_after") == len(steps):
        raise QuestionError("list.dropped_after", "nobody drops after the last step")
    return found


def _step(raw: Any, steps: tuple[Selector, ...], field: str) -> int:
    """The number of a step from its number or label."""
    if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= len(steps):
        return raw
    found = [number for number, one in enumerate(steps, start=1) if isinstance(raw, str) and one.title == raw]
    if len(found) != 1:
        raise QuestionError(field, f"write a step's number, 1 to {len(steps)}, or its label, not {raw!r}")
    return found[0]
