"""What every event passes on its way in, by name; each step may reject it with a reason and is counted.

Each request passes `AT_THE_DOOR` by itself; the rest is done for a whole group, in `actions/commit.py`.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np

from bihuan.capture.identity.rules import why_refused
from bihuan.capture.ingest.rules.clock import NO_TIME, happened, micros, read_times
from bihuan.capture.ingest.rules.draft import MAX_EVENT_ID, MAX_NAME, Delivery, Draft, Said

#: Step → what it does. Where: (a) api/asgi.py, (f) the format's file, (d) here at the door, (g) with its group.
STEPS = {
    "authenticate": "the write key is known and active (a)",
    "limit": "sizes and numbers are within bounds (a, f)",
    "decode": "bytes become drafts (f)",
    "normalise": "name and event id are sound; an event without an id gets one (d)",
    "identify": "the id names somebody (d), and who that is (g)",
    "clock": "the event's time by our clock (g)",
    "attribute": "the account: named on the event, else by membership at its time (g)",
    "plan": "held against the tracking plan; refused where the source says so (g)",
    "deduplicate": "an event known for 30 days is acknowledged and not stored again (g)",
    "commit": "on the disk before the answer (g)",
}


_UNPRINTABLE = re.compile("[\x00-\x1f]")
Refused = dict[int, tuple[str, str]]
NewId = Callable[[], UUID]
Step = Callable[[list[Draft], NewId], Refused]


def normalise(drafts: list[Draft], new_id: NewId) -> Refused:
    """Names and event ids are sound; ids of people are text."""
    refused: Refused = {}
    for position, draft in enumerate(drafts):
        verdict = _why_bad_name(draft.name) if type(draft.name) is str else _bad_name(draft.name)
        given = draft.event_id
        if type(given) is not str or not 0 < len(given) <= MAX_EVENT_ID or not given.isprintable():
            verdict = verdict or _give_event_id(draft, new_id)
        if verdict is not None:
            refused[position] = verdict
    return refused


def identify(drafts: list[Draft], _new_id: NewId) -> Refused:
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


AT_THE_DOOR: tuple[tuple[str, Step], ...] = (("normalise", normalise), ("identify", identify))


def take_steps(delivery: Delivery, *, new_id: NewId) -> Delivery:
    """The delivery with the drafts that passed every step at the door; the others are rejections."""
    for name, step in AT_THE_DOOR:
        delivery.drop(step(delivery.drafts, new_id), step=name)
    return delivery


def correct_clocks(deliveries: Sequence[Delivery], received_at: Sequence[datetime]) -> list[int]:
    """The time by our clock of each draft that is left, in order; those without a sound time are rejected."""
    sizes = [len(delivery.drafts) for delivery in deliveries]
    given = [draft.timestamp for delivery in deliveries for draft in delivery.drafts]
    times = read_times(given)
    received = [micros(moment) for moment in received_at]
    behind = [
        0 if delivery.sent_at is None else at - micros(delivery.sent_at)
        for delivery, at in zip(deliveries, received, strict=True)
    ]
    ours = happened(times, behind=np.repeat(behind, sizes), received_at=np.repeat(received, sizes))
    refused: Refused = {}
    for n in np.flatnonzero((times == NO_TIME) | (ours == NO_TIME)).tolist():
        if times[n] == NO_TIME and given[n] not in (None, ""):
            refused[n] = "bad_timestamp", f"The timestamp {str(given[n])[:60]!r} is not a time."
        elif ours[n] == NO_TIME:
            refused[n] = "timestamp_out_of_range", "The timestamp lies before the year 2000."
    moments: list[int] = np.delete(ours, list(refused)).tolist() if refused else ours.tolist()
    drop_across(deliveries, refused, step="clock")
    return moments


def drop_across(deliveries: Sequence[Delivery], refused: Refused, *, step: str) -> None:
    """Reject the drafts at these positions, counted over all the deliveries."""
    start = 0
    for delivery in deliveries if refused else ():
        end = start + len(delivery.drafts)
        delivery.drop({n - start: refused[n] for n in range(start, end) if n in refused}, step=step)
        start = end


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


def _give_event_id(draft: Draft, new_id: NewId) -> tuple[str, str] | None:
    """The id by which a repeated event is known.

    Without one from the sender it is made of the event's content, if that holds a time of its own: the same
    event sent again is then the same event. Without a time nothing tells two events from one sent twice.
    """
    given = draft.event_id
    if given is None or given == "":
        if draft.timestamp in (None, ""):
            draft.event_id = str(new_id())
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
