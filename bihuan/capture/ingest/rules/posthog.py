"""What PostHog's SDKs send: one event, an array of events, or `{api_key, batch: […]}`."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bihuan.capture.ingest.rules.body import MOST_VALUES, sound_text, tolerant, unpack
from bihuan.capture.ingest.rules.clock import read_time, sent_from_query
from bihuan.capture.ingest.rules.draft import (
    MAX_EVENTS,
    MAX_PROPERTIES,
    BadRequest,
    Delivery,
    Draft,
    Request,
    Said,
)
from bihuan.capture.ingest.rules.values import first, id_text, text_or_none, traits

PATHS = ("/capture", "/e", "/i/v0/e", "/batch", "/track", "/engage")
COMPANY = "company"
_NOTHING = msgspec.Raw(b"")
_AT_ONCE = 2**20  # larger bodies are counted before their events are made


class _Event(msgspec.Struct, gc=False):
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


class _Batch(msgspec.Struct):
    batch: list[_Event]
    api_key: Any = None
    token: Any = None
    sent_at: Any = None


class _Envelope(msgspec.Struct):
    api_key: Any = None
    token: Any = None
    sent_at: Any = None
    batch: msgspec.Raw = _NOTHING


class _Properties(msgspec.Struct, gc=False):
    distinct_id: Any = None
    token: Any = None
    groups: Any = msgspec.field(name="$groups", default=None)
    set: Any = msgspec.field(name="$set", default=None)
    set_once: Any = msgspec.field(name="$set_once", default=None)
    anon: Any = msgspec.field(name="$anon_distinct_id", default=None)
    alias: Any = None
    group_type: Any = msgspec.field(name="$group_type", default=None)
    group_key: Any = msgspec.field(name="$group_key", default=None)


_batches = msgspec.json.Decoder(_Batch)
_envelopes = msgspec.json.Decoder(_Envelope)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_many = msgspec.json.Decoder(list[_Event])
_one = msgspec.json.Decoder(_Event)
_properties = msgspec.json.Decoder(_Properties)


def decode_request(body: bytes, request: Request) -> Delivery:
    """The drafts of a request as it came; posthog-js names the time of sending in the query."""
    headers = request.headers
    encoding = headers.get("content-encoding", "").strip().lower()
    delivery = decode(unpack(body, encoding=encoding, content_type=headers.get("content-type", "")))
    if delivery.sent_at is None:
        delivery.sent_at = sent_from_query(request.query.get("_"))
    return delivery


def decode(body: bytes) -> Delivery:
    """The drafts of a request's JSON; raises BadRequest when it cannot be read or holds too many events."""
    try:
        return _decode(sound_text(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            return _decode(tolerant(body))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(400, f"The body is not what an SDK sends: {error}") from error
    except RecursionError as error:
        raise BadRequest(400, "The body is nested too deeply.") from error


def _decode(body: bytes) -> Delivery:
    if len(body) <= _AT_ONCE:
        try:
            return _from_batch(_batches.decode(body), body)
        except msgspec.ValidationError:
            pass  # not a batch, or not all of its events are objects
    elif body.count(b",") > MOST_VALUES:  # a few bytes of JSON become a hundred of memory
        raise BadRequest(413, f"The body holds more than {MOST_VALUES:,} values.", step="limit")
    start = body.lstrip()[:1]
    if start == b"[":
        return _from_events(Delivery(), body)
    if start != b"{":
        raise BadRequest(400, "The body must be a JSON object or an array of events.")
    envelope = _envelopes.decode(body)
    delivery = Delivery(key=_key(envelope), sent_at=read_time(envelope.sent_at))
    batch = bytes(envelope.batch)
    if not batch:
        return _from_events(delivery, b"[" + body + b"]")
    if batch[:1] != b"[":
        raise BadRequest(400, "`batch` must be an array of events.")
    return _from_events(delivery, batch)


def _from_batch(batch: _Batch, body: bytes) -> Delivery:
    _check_number(len(batch.batch))
    delivery = Delivery(key=_key(batch), sent_at=read_time(batch.sent_at))
    delivery.raws = lambda: _raws.decode(_envelopes.decode(body).batch)
    return _fill(delivery, batch.batch)


def _from_events(delivery: Delivery, events: bytes) -> Delivery:
    raws = _raws.decode(events)
    _check_number(len(raws))
    delivery.raws = lambda: raws
    try:
        return _fill(delivery, _many.decode(events))
    except msgspec.ValidationError:
        return _fill(delivery, [_event_or_none(raw) for raw in raws])


def _check_number(number: int) -> None:
    if number > MAX_EVENTS:
        raise BadRequest(
            413, f"The request holds {number} events; at most {MAX_EVENTS} are taken.", step="limit"
        )


def _event_or_none(raw: msgspec.Raw) -> _Event | None:
    try:
        return _one.decode(raw)
    except msgspec.ValidationError:
        return None


def _fill(delivery: Delivery, events: Sequence[_Event | None]) -> Delivery:
    add = delivery.drafts.append
    for index, event in enumerate(events):
        if event is None:
            delivery.reject(index, step="decode", code="not_an_object", reason="The event is not an object.")
            continue
        props = bytes(event.properties)
        if not props or props == b"null":
            props = b"{}"
        size = len(props)
        if size > MAX_PROPERTIES or props[0] != 123:  # "{"
            _reject(delivery, index, event, size if props[0] == 123 else None)
            continue
        known = _properties.decode(props)
        if delivery.key is None:
            keys = (event.api_key, event.token, event.dollar_token, known.token)
            delivery.key = next((key for key in map(text_or_none, keys) if key), None)
        company, name = None, event.event
        if type(known.groups) is dict:
            company = id_text(known.groups.get(COMPANY))
        draft = Draft(index, name, event.distinct_id, event.uuid, event.timestamp, props, company)
        if draft.distinct_id is None:
            draft.distinct_id = first(event.dollar_id, known.distinct_id)
        if name is None or known.set or known.set_once or event.set or event.set_once or name in _TELLING:
            _hear(draft, event, known)
        add(draft)
    return delivery


_TELLING = ("$identify", "$create_alias", "$merge_dangerously", "$groupidentify")


def _hear(draft: Draft, event: _Event, known: _Properties) -> None:
    """What the event says of its person or group."""
    set_, set_once = traits(first(known.set, event.set)), traits(first(known.set_once, event.set_once))
    if event.event is None and set_ is not None:  # /engage: traits without an event
        draft.name = "$set"
    identified = event.event == "$identify"
    same_as = known.anon if identified else None
    if event.event in ("$create_alias", "$merge_dangerously"):
        same_as = known.alias
    is_group = event.event == "$groupidentify"  # SDKs make up an id for the group when none is given
    if is_group and known.group_type == COMPANY:
        draft.company = id_text(known.group_key)
    draft.said = Said(
        same_as=same_as, identified=identified, person=not is_group, set=set_, set_once=set_once
    )


def _reject(delivery: Delivery, index: int, event: _Event, size: int | None) -> None:
    if size is None:
        step, code, reason = "decode", "properties_not_an_object", "`properties` must be an object."
    else:
        step, code = "limit", "properties_too_large"
        reason = f"The properties take {size:,} bytes; at most {MAX_PROPERTIES:,} are taken."
    delivery.reject(
        index, step=step, code=code, reason=reason, name=event.event, distinct_id=event.distinct_id
    )


def _key(envelope: _Batch | _Envelope) -> str | None:
    return text_or_none(envelope.api_key) or text_or_none(envelope.token)
