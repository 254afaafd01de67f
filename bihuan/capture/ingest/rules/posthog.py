"""What PostHog's SDKs send: one event, an array of events, or `{api_key, batch: […]}`."""

from collections.abc import Iterable
from typing import Any

import msgspec

from bihuan.capture.ingest.rules.body import tolerant
from bihuan.capture.ingest.rules.clock import read_time
from bihuan.capture.ingest.rules.draft import (
    MAX_EVENTS,
    MAX_PROPERTIES,
    BadRequest,
    Delivery,
    Draft,
    Rejection,
)

_KEPT_OF_A_REJECT = 8_192
_MOST_VALUES = 2_000_000
_NOTHING = msgspec.Raw(b"")


class _Event(msgspec.Struct):
    event: Any = None
    distinct_id: Any = None
    dollar_id: Any = msgspec.field(name="$distinct_id", default=None)
    properties: msgspec.Raw = _NOTHING
    timestamp: Any = None
    uuid: Any = None
    set: Any = msgspec.field(name="$set", default=None)
    set_once: Any = msgspec.field(name="$set_once", default=None)
    api_key: Any = None
    token: Any = None
    dollar_token: Any = msgspec.field(name="$token", default=None)


class _Envelope(msgspec.Struct):
    api_key: Any = None
    token: Any = None
    sent_at: Any = None
    batch: msgspec.Raw = _NOTHING


class _Properties(msgspec.Struct):
    distinct_id: Any = None
    token: Any = None
    groups: Any = msgspec.field(name="$groups", default=None)
    set: Any = msgspec.field(name="$set", default=None)
    set_once: Any = msgspec.field(name="$set_once", default=None)
    anon: Any = msgspec.field(name="$anon_distinct_id", default=None)
    alias: Any = None
    group_type: Any = msgspec.field(name="$group_type", default=None)
    group_key: Any = msgspec.field(name="$group_key", default=None)
    group_set: Any = msgspec.field(name="$group_set", default=None)


_envelopes = msgspec.json.Decoder(_Envelope)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_many = msgspec.json.Decoder(list[_Event])
_one = msgspec.json.Decoder(_Event)
_properties = msgspec.json.Decoder(_Properties)
COMPANY = "company"


def decode(body: bytes) -> Delivery:
    """The drafts of a request; raises BadRequest when it cannot be read or holds too many events."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            return _decode(tolerant(body))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(400, f"The body is not what an SDK sends: {error}") from error
    except RecursionError as error:
        raise BadRequest(400, "The body is nested too deeply.") from error


def _decode(body: bytes) -> Delivery:
    if body.count(b",") > _MOST_VALUES:  # a few bytes of JSON become a hundred of memory
        raise BadRequest(413, f"The body holds more than {_MOST_VALUES:,} values.")
    start = body.lstrip()[:1]
    if start == b"[":
        return _from_events(Delivery(), body)
    if start != b"{":
        raise BadRequest(400, "The body must be a JSON object or an array of events.")
    envelope = _envelopes.decode(body)
    delivery = Delivery(
        key=_text(envelope.api_key) or _text(envelope.token), sent_at=read_time(envelope.sent_at)
    )
    batch = bytes(envelope.batch)
    if not batch:
        return _from_events(delivery, b"[" + body + b"]")
    if batch[:1] != b"[":
        raise BadRequest(400, "`batch` must be an array of events.")
    return _from_events(delivery, batch)


def _from_events(delivery: Delivery, events: bytes) -> Delivery:
    raws = _raws.decode(events)
    if len(raws) > MAX_EVENTS:
        raise BadRequest(413, f"The request holds {len(raws)} events; at most {MAX_EVENTS} are taken.")
    for index, event in enumerate(_each(events, raws)):
        raw = bytes(raws[index])
        if event is None:
            delivery.rejections.append(
                _rejected(index, "decode", "not_an_object", "The event is not an object.", raw)
            )
        else:
            _add(delivery, index, event, raw)
    return delivery


def _each(events: bytes, raws: list[msgspec.Raw]) -> Iterable[_Event | None]:
    try:
        return _many.decode(events)
    except msgspec.ValidationError:
        return [_event_or_none(raw) for raw in raws]


def _event_or_none(raw: msgspec.Raw) -> _Event | None:
    try:
        return _one.decode(raw)
    except msgspec.ValidationError:
        return None


def _add(delivery: Delivery, index: int, event: _Event, raw: bytes) -> None:
    props = bytes(event.properties) or b"{}"
    if props == b"null":
        props = b"{}"
    if props[:1] != b"{":
        reason = "`properties` must be an object."
        delivery.rejections.append(_rejected(index, "decode", "properties_not_an_object", reason, raw, event))
        return
    if len(props) > MAX_PROPERTIES:
        reason = f"The properties take {len(props):,} bytes; at most {MAX_PROPERTIES:,} are taken."
        delivery.rejections.append(_rejected(index, "limit", "properties_too_large", reason, raw, event))
        return
    known = _properties.decode(props)
    if delivery.key is None:
        keys = (event.api_key, event.token, event.dollar_token, known.token)
        delivery.key = next((key for key in map(_text, keys) if key), None)
    delivery.drafts.append(_draft(index, event, known, props.decode("utf-8")))


def _draft(index: int, event: _Event, known: _Properties, props: str) -> Draft:
    groups = known.groups if isinstance(known.groups, dict) else {}
    draft = Draft(
        index=index,
        name=event.event,
        distinct_id=_first(event.distinct_id, event.dollar_id, known.distinct_id),
        event_id=event.uuid,
        timestamp=event.timestamp,
        props=props,
        company=_id_text(groups.get(COMPANY)),
        set=_traits(_first(known.set, event.set)),
        set_once=_traits(_first(known.set_once, event.set_once)),
    )
    if event.event is None and draft.set is not None:  # /engage: traits without an event
        draft.name = "$set"
    if event.event == "$identify":
        draft.identified, draft.same_as = True, known.anon
    elif event.event in ("$create_alias", "$merge_dangerously"):
        draft.same_as = known.alias
    elif event.event == "$groupidentify":
        if known.group_type == COMPANY:
            draft.company = _id_text(known.group_key)
        draft.person = False  # SDKs make up an id for the group when none is given
    return draft


def _rejected(
    index: int, step: str, code: str, reason: str, raw: bytes, event: _Event | None = None
) -> Rejection:
    return Rejection(
        index=index,
        step=step,
        code=code,
        reason=reason,
        name=str(event.event)[:200] if event and event.event is not None else "",
        distinct_id=str(event.distinct_id)[:255] if event and event.distinct_id is not None else "",
        body=raw[:_KEPT_OF_A_REJECT].decode("utf-8", "replace"),
    )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _id_text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = value.strip() if isinstance(value, str) else ""
    return text if text and "\0" not in text else None


def _traits(value: Any) -> dict[str, Any] | None:
    """An object that every database can keep: without NUL, which PostgreSQL refuses."""
    if not isinstance(value, dict) or not value:
        return None
    text = msgspec.json.encode(value)
    traits: dict[str, Any] = (
        msgspec.json.decode(text.replace(b"\\u0000", b"")) if b"\\u0000" in text else value
    )
    return traits
