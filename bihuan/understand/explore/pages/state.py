"""One look at the explorer: the question as text and form, and its answer or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.ui import formats
from bihuan.capture.store import Cancelled, StoreError
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import BY, PERIOD
from bihuan.understand.explore.document import read_text, write_text
from bihuan.understand.explore.forms import Shown
from bihuan.understand.explore.headlines import events_in
from bihuan.understand.explore.present import Presented
from bihuan.understand.explore.queries import ask
from bihuan.understand.explore.registry import Kind, kind_of, kinds
from bihuan.understand.explore.running import TooMany
from bihuan.understand.explore.said import in_words
from bihuan.understand.explore.words import KINDS, colon, field_title, kind_title

FIRST = "kind: trend\nmeasure: people\nperiod: {last: 28d}\n"
CARRIED = ("unit", "period", "where", "segment", "by", "every")
HOLDS_EVENTS = (
    "series",
    "steps",
    "event",
    "events",
    "start",
    "activity",
    "from",
    "to",
    "touch",
    "conversion",
)
MOST_CARRIED = 5
#: A kind that can be asked in two ways cannot do without both.
NEEDS_ONE = {"experiment": ("experiment", "exposure")}


@dataclass(kw_only=True)
class State:
    """`document` is None while the text cannot be read; then only the YAML can be shown. `why_not`: a sentence.

    `later`: the page asks for the answer once it is there. `too_many`: (name, kind, seconds) of the actor's questions that
    have to end before this one may begin.
    """

    text: str
    actor: Actor
    as_yaml: bool = False
    document: dict[str, Any] | None = None
    shown: Shown | None = None
    presented: Presented | None = None
    error: str = ""
    why_not: str = ""
    not_ready: bool = False
    asked: bool = False
    later: bool = False
    too_many: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def kinds(self) -> list[tuple[str, str, str, bool]]:
        """(name, title, icon, whether it is this one) of the kinds the actor may ask."""
        here = (self.document or {}).get("kind")
        order = [
            *(name for name in KINDS if name in kinds()),
            *(name for name in sorted(kinds()) if name not in KINDS),
        ]
        return [
            (name, kind_title(name), KINDS[name][1] if name in KINDS else "message-question", name == here)
            for name in order
            if self.actor.may(kinds()[name].permission)
        ]

    @property
    def complete(self) -> bool:
        """Whether what the kind cannot do without is there."""
        if self.document is None:
            return False
        needed = kind_of(self.document).schema.get("required", ["kind"])
        either = NEEDS_ONE.get(str(self.document["kind"]), ("kind",))
        return all(self.document.get(name) for name in needed) and any(
            self.document.get(name) for name in either
        )


def state_of(text: str, *, actor: Actor, as_yaml: bool = False) -> State:
    """The question read; not asked yet."""
    state = State(text=text, actor=actor, as_yaml=as_yaml)
    try:
        document = read_text(text)
        kind_of(document)
    except QuestionError as error:
        state.error, state.as_yaml = in_words(error.message), True
        return state
    state.document, state.shown = document, Shown(document)
    return state


def answered(state: State, *, at: datetime, name: str = "") -> State:
    """The same with the answer, or with the reason beside its field. By its name the question can be ended meanwhile."""
    if state.document is None:
        return state
    state.asked = True
    try:
        answer = ask(question=state.document, actor=state.actor, at=at, name=name)
    except TooMany as error:
        state.why_not = _(
            "As many long questions of yours are under way as one may have. Stop one of them, or wait until it ends."
        )
        state.too_many = [
            (one.name, kind_title(one.kind), formats.number(one.document()["seconds"]))
            for one in error.running
        ]
    except QuestionError as error:
        state.shown = Shown(state.document, error=error)
        state.why_not = f"{field_title(error.field)}{colon()}{in_words(error.message)}"
        if state.as_yaml:
            state.error = f"{error.field}: {in_words(error.message)}"
    except PermissionDenied:
        state.why_not = _("Your role may not ask this kind of question.")
    except Cancelled:
        state.why_not = _("You stopped this question. Ask again, or choose a shorter period.")
    except StoreError:
        state.not_ready = True
    else:
        state.presented = Presented(answer=answer, actor=state.actor, today=timezone.localdate(at))
    return state


def carried(document: Mapping[str, Any], *, to: str) -> dict[str, Any]:
    """A question of another kind that keeps what both have: unit, period, rules, breakdown, and the events it speaks of."""
    kind: Kind = kinds()[to]
    fields = {one.name: one for one in kind.fields}
    result: dict[str, Any] = {"kind": to}
    names = list(dict.fromkeys(n for f in HOLDS_EVENTS for n in events_in(document.get(f))))[:MOST_CARRIED]
    result |= _with_events(to, names)
    for name in CARRIED:
        value = document.get(name)
        if value is None or name not in fields or (name == "unit" and "trend" in (to, document.get("kind"))):
            continue
        if name == "by" and fields[name] is not BY and not str(value).startswith("account."):
            continue
        allowed = fields[name].schema.get("enum")
        if allowed is None or value in allowed:
            result[name] = value
    if to == "funnel":
        result.pop("every", None)
    if "period" in fields and fields["period"] is not PERIOD and "every" not in result:
        result.pop("period", None)  # of one day unless it is asked over time
    if to == "survival" and result.get("unit") == "person":
        result |= {"start": "first_event", "end": {"silence": 30}}  # a person has no contract
    if to == "segment" and "every" in result:
        result.pop("by", None)
    if to == "segment" and str(result.get("segment", "")).startswith("@"):
        result.pop("unit", None)
    return result


def begun(kind: str) -> str:
    """The text of a question of a kind that says nothing yet."""
    over_time = PERIOD in kinds()[kind].fields
    return f"kind: {kind}\n" + ("period: {last: 84d}\n" if over_time else "")


def _with_events(kind: str, names: list[str]) -> dict[str, Any]:
    """The events in the fields where a kind has its own."""
    if not names:
        return {}
    if kind == "trend":
        return {"event": names[0]} if len(names) == 1 else {"events": names, "by": "event"}
    if kind == "funnel":
        return {"steps": names} if len(names) > 1 else {}
    if kind == "attribution":
        return (
            {"touch": {"events": names[:-1]}, "conversion": names[-1]}
            if len(names) > 1
            else {"conversion": names[0]}
        )
    if kind in ("retention", "path"):
        return {"start" if kind == "retention" else "from": names[0]}
    if kind in ("stickiness", "lifecycle"):
        return {"activity": names[0] if len(names) == 1 else {"events": names}}
    return {}


def text_for(document: Mapping[str, Any], *, before: str) -> str:
    """The YAML of a document; what was written stays as it was written if it says the same."""
    try:
        if read_text(before) == dict(document):
            return before
    except QuestionError:
        pass
    return write_text(document)
