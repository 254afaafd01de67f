"""What every event passes on its way in, by name; each step may reject it with a reason and is counted.

`PURE` runs here, request by request, before the writer; `actions/commit.py` runs the others for a whole group.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from bihuan.capture.identity.rules import why_refused
from bihuan.capture.ingest.rules.clock import happened, micros, read_times
from bihuan.capture.ingest.rules.draft import MAX_EVENT_ID, MAX_NAME, Delivery, Draft, Said

#: Step → what it does. Where it is done: (a) asgi.py, (f) the format's file, (p) here, (g) actions/commit.py.
STEPS = {
    "authenticate": "the write key is known and active (a)",
    "limit": "sizes and numbers are within bounds (a, f)",
    "decode": "bytes become drafts (f)",
    "clock": "the event's time by our clock (p)",
    "normalise": "name and event id are sound; an event without an id gets one (p)",
    "identify": "the id names somebody (p), and who that is (g)",
    "attribute": "the account: named on the event, else by membership at its time (g)",
    "plan": "held against the tracking plan; refused where the source says so (g)",
    "deduplicate": "an event known for 30 days is acknowledged and not stored again (g)",
    "commit": "on the disk before the answer (g)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What the steps know beside the drafts."""

    received_at: datetime
    sent_at: datetime | None
    new_id: Callable[[], UUID]


_UNPRINTABLE = re.compile("[\x00-\x1f]")
Refused = dict[int, tuple[str, str]]
Step = Callable[[list[Draft], Circumstances], Refused]


def correct_clock(drafts: list[Draft], around: Circumstances) -> Refused:
    """The events' time by our clock."""
    refused: Refused = {}
    received = micros(around.received_at)
    sent = None if around.sent_at is None else micros(around.sent_at)
    times = read_times([draft.timestamp for draft in drafts])
    ours = happened(times, sent_at=sent, received_at=received)
    for position, (draft, time, moment) in enumerate(zip(drafts, times, ours, strict=True)):
        if time is None and draft.timestamp not in (None, ""):
            reason = f"The timestamp {str(draft.timestamp)[:60]!r} is not a time."
            refused[position] = "bad_timestamp", reason
        elif moment is None:
            refused[position] = "timestamp_out_of_range", "The timestamp lies before the year 2000."
        else:
            draft.ts = moment
    return refused


def normalise(drafts: list[Draft], around: Circumstances) -> Refused:
    """Names and event ids are sound; ids of people are text."""
    refused: Refused = {}
    for position, draft in enumerate(drafts):
        verdict = _why_bad_name(draft.name) if type(draft.name) is str else _bad_name(draft.name)
        given = draft.event_id
        if type(given) is not str or not 0 < len(given) <= MAX_EVENT_ID or not given.isprintable():
            verdict = verdict or _give_event_id(draft, around)
        if verdict is not None:
            refused[position] = verdict
    return refused


def identify(drafts: list[Draft], _around: Circumstances) -> Refused:
    """The id of each event may name somebody; an alias that names nobody is forgotten."""
    refused: Refused = {}
    for position, draft in enumerate(drafts):
        text = draft.distinct_id if type(draft.distinct_id) is str else as_id(draft.distinct_id)
        if text is None:
            refused[position] = (
                ("no_distinct_id", "The event has no distinct_id.")
                if draft.distinct_id is None
                else ("bad_distinct_id", "The distinct_id must be text or a whole number.")
            )
            continue
        reason = _why_refused(text)
        if reason is not None:
            refused[position] = "refused_distinct_id", reason
            continue
        draft.distinct_id = text
        if draft.said is not None:
            draft.said = _with_sound_alias(draft.said)
    return refused


PURE: tuple[tuple[str, Step], ...] = (
    ("clock", correct_clock),
    ("normalise", normalise),
    ("identify", identify),
)


def take_steps(delivery: Delivery, *, received_at: datetime, new_id: Callable[[], UUID]) -> Delivery:
    """The delivery with the drafts that passed every step; the others are rejections, sorted by index."""
    around = Circumstances(received_at=received_at, sent_at=delivery.sent_at, new_id=new_id)
    for name, step in PURE:
        delivery.drop(step(delivery.drafts, around), step=name)
    delivery.rejections.sort(key=lambda rejection: rejection.index)
    return delivery


def as_id(value: Any) -> str | None:
    """An id as text; whole numbers count, anything else does not."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


_why_refused = lru_cache(65_536)(why_refused)


@lru_cache(4_096)
def _why_bad_name(name: str) -> tuple[str, str] | None:
    if not name:
        return _bad_name(None)
    if not name.strip():
        return _bad_name(name)
    if len(name) > MAX_NAME:
        return "bad_event_name", f"The event's name is longer than {MAX_NAME} characters."
    if _UNPRINTABLE.search(name):
        return "bad_event_name", "The event's name holds control characters."
    return None


def _bad_name(name: Any) -> tuple[str, str]:
    if name is None:
        return "no_event_name", "The event has no name."
    return "bad_event_name", "The event's name must be text."


def _give_event_id(draft: Draft, around: Circumstances) -> tuple[str, str] | None:
    """The id by which a repeated event is known.

    Without one from the sender it is made of the event's content, if that holds a time of its own: the same
    event sent again is then the same event. Without a time nothing tells two events from one sent twice.
    """
    given = draft.event_id
    if given is None or given == "":
        if draft.timestamp in (None, ""):
            draft.event_id = str(around.new_id())
        else:
            said = "\0".join((str(draft.name), str(draft.distinct_id), str(draft.timestamp)))
            content = said.encode("utf-8", "surrogatepass") + b"\0" + draft.props
            draft.event_id = "c-" + hashlib.blake2b(content, digest_size=16).hexdigest()
        return None
    if not isinstance(given, str) or len(given) > MAX_EVENT_ID or _UNPRINTABLE.search(given):
        return "bad_event_id", f"The event's id must be text of at most {MAX_EVENT_ID} characters."
    return None


def _with_sound_alias(said: Said) -> Said:
    other = as_id(said.same_as)
    if other is not None and why_refused(other) is not None:
        other = None
    if other == said.same_as:
        return said
    return Said(
        same_as=other, identified=said.identified, person=said.person, set=said.set, set_once=said.set_once
    )
