"""The steps every draft passes, in order; each may reject it with a reason."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bihuan.capture.identity.rules import why_refused
from bihuan.capture.ingest.rules.clock import happened_at, read_time
from bihuan.capture.ingest.rules.draft import MAX_EVENT_ID, MAX_NAME, Delivery, Draft, Rejection


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What the steps know beside the draft."""

    received_at: datetime
    sent_at: datetime | None
    new_id: Callable[[], UUID]


_UNPRINTABLE = re.compile("[\x00-\x1f]")
Verdict = tuple[str, str] | None
Step = Callable[[Draft, Circumstances], Verdict]


def check_name(draft: Draft, _around: Circumstances) -> Verdict:
    """The event has a name."""
    name = draft.name
    if name is None or name == "":
        return "no_event_name", "The event has no name."
    if not isinstance(name, str) or not name.strip():
        return "bad_event_name", "The event's name must be text."
    if len(name) > MAX_NAME:
        return "bad_event_name", f"The event's name is longer than {MAX_NAME} characters."
    if _UNPRINTABLE.search(name):
        return "bad_event_name", "The event's name holds control characters."
    return None


def check_identity(draft: Draft, _around: Circumstances) -> Verdict:
    """The event has an id of somebody."""
    if draft.distinct_id is None:
        return "no_distinct_id", "The event has no distinct_id."
    text = as_id(draft.distinct_id)
    if text is None:
        return "bad_distinct_id", "The distinct_id must be text or a whole number."
    reason = why_refused(text)
    if reason is not None:
        return "refused_distinct_id", reason
    draft.distinct_id = text
    other = as_id(draft.same_as)
    draft.same_as = other if other is not None and why_refused(other) is None else None
    return None


def correct_clock(draft: Draft, around: Circumstances) -> Verdict:
    """The event's time by our clock."""
    timestamp = read_time(draft.timestamp)
    if timestamp is None and draft.timestamp not in (None, ""):
        return "bad_timestamp", f"The timestamp {str(draft.timestamp)[:60]!r} is not a time."
    draft.ts = happened_at(timestamp=timestamp, sent_at=around.sent_at, received_at=around.received_at)
    if draft.ts is None:
        return "timestamp_out_of_range", "The timestamp lies before the year 2000."
    return None


def give_event_id(draft: Draft, around: Circumstances) -> Verdict:
    """The id by which a repeated event is known.

    Without one from the sender it is made of the event's content, if that holds a time of its own: the same
    event sent again is then the same event. Without a time nothing tells two events from one sent twice.
    """
    given = draft.event_id
    if given is None or given == "":
        if draft.timestamp in (None, ""):
            draft.event_id = str(around.new_id())
        else:
            content = "\0".join((str(draft.name), draft.distinct_id, str(draft.timestamp), draft.props))
            draft.event_id = "c-" + hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        return None
    if not isinstance(given, str) or len(given) > MAX_EVENT_ID or _UNPRINTABLE.search(given):
        return "bad_event_id", f"The event's uuid must be text of at most {MAX_EVENT_ID} characters."
    return None


STEPS: tuple[tuple[str, Step], ...] = (
    ("name", check_name),
    ("identity", check_identity),
    ("clock", correct_clock),
    ("event_id", give_event_id),
)


def take_steps(delivery: Delivery, *, received_at: datetime, new_id: Callable[[], UUID]) -> Delivery:
    """The delivery with the drafts that passed every step; the others are rejections, sorted by index."""
    around = Circumstances(received_at=received_at, sent_at=delivery.sent_at, new_id=new_id)
    passed: list[Draft] = []
    for draft in delivery.drafts:
        for step, check in STEPS:
            verdict = check(draft, around)
            if verdict is not None:
                delivery.rejections.append(_rejection(draft, step, *verdict))
                break
        else:
            passed.append(draft)
    delivery.drafts = passed
    delivery.rejections.sort(key=lambda rejection: rejection.index)
    return delivery


def as_id(value: Any) -> str | None:
    """An id as text; whole numbers count, anything else does not."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def _rejection(draft: Draft, step: str, code: str, reason: str) -> Rejection:
    return Rejection(
        index=draft.index,
        step=step,
        code=code,
        reason=reason,
        name="" if draft.name is None else str(draft.name)[:200],
        distinct_id="" if draft.distinct_id is None else str(draft.distinct_id)[:255],
        body=draft.props,
    )
