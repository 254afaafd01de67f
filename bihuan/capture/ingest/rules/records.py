"""What the formats share: JSON that may be slightly broken, events one by one, each with its own refusal."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from bihuan.capture.ingest.rules.body import MOST_VALUES, sound_text, tolerant
from bihuan.capture.ingest.rules.draft import MAX_EVENTS, MAX_PROPERTIES, BadRequest, Delivery, Draft

NOTHING = msgspec.Raw(b"")
raws = msgspec.json.Decoder(list[msgspec.Raw])
T = TypeVar("T")


class Refused(Exception):
    """One event is not taken: a code for programs, a sentence for people."""

    def __init__(self, code: str, reason: str, *, step: str = "decode") -> None:
        super().__init__(reason)
        self.code, self.reason, self.step = code, reason, step


def read(body: bytes, decode: Callable[[bytes], T]) -> T:
    """What `decode` makes of the JSON, mended when it must be; raises BadRequest when it cannot be read."""
    if body.count(b",") > MOST_VALUES:  # a few bytes of JSON become a hundred of memory
        raise BadRequest(413, f"The body holds more than {MOST_VALUES:,} values.", step="limit")
    try:
        return decode(sound_text(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            return decode(tolerant(body))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(400, f"The body is not what an SDK sends: {error}") from error
    except RecursionError as error:
        raise BadRequest(400, "The body is nested too deeply.") from error


def check_number(number: int) -> None:
    """At most so many events in one request."""
    if number > MAX_EVENTS:
        raise BadRequest(
            413, f"The request holds {number} events; at most {MAX_EVENTS} are taken.", step="limit"
        )


def fill(
    delivery: Delivery,
    events: Sequence[msgspec.Raw | bytes],
    decoder: msgspec.json.Decoder[T],
    to_draft: Callable[[int, T], Draft],
) -> Delivery:
    """Add a draft, or a rejection, for each event; `to_draft` raises Refused."""
    check_number(len(events))
    delivery.raws = lambda: events
    for index, raw in enumerate(events):
        try:
            event = decoder.decode(raw)
        except msgspec.ValidationError:
            reason = "The event is not an object."
            delivery.reject(index, step="decode", code="not_an_object", reason=reason)
            continue
        try:
            delivery.drafts.append(to_draft(index, event))
        except Refused as refused:
            delivery.reject(
                index, step=refused.step, code=refused.code, reason=refused.reason,
                name=getattr(event, "event", None), distinct_id=getattr(event, "distinct_id", None),
            )  # fmt: skip
    return delivery


def properties(given: msgspec.Raw | bytes, *, word: str = "properties", **more: Any) -> bytes:
    """The properties of an event as a JSON object with `more` in front of them, within the limit of size.

    Names of `more` get a `$` before them; empty ones are left out, and Raw values are taken as they are.
    """
    props = bytes(given)
    if not props or props == b"null":
        props = b"{}"
    if props[:1] != b"{":
        raise Refused("properties_not_an_object", f"`{word}` must be an object.")
    extra = b",".join(
        b'"$%s":%s'
        % (name.encode(), bytes(value) if isinstance(value, msgspec.Raw) else msgspec.json.encode(value))
        for name, value in more.items()
        if value not in (None, "", NOTHING)
    )
    if extra:
        inner = props[1:].lstrip()
        props = b"{" + extra + (b"," if inner[:1] != b"}" else b"") + inner
    if len(props) > MAX_PROPERTIES:
        reason = f"The properties take {len(props):,} bytes; at most {MAX_PROPERTIES:,} are taken."
        raise Refused("properties_too_large", reason, step="limit")
    return props


def json_object(raw: msgspec.Raw) -> Any:
    """The value of raw JSON; None when there is none."""
    return msgspec.json.decode(raw) if bytes(raw) else None
