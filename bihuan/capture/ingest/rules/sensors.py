"""What the SDKs of Sensors Analytics 神策 send: a form at /sa with `data` (one) or `data_list` (many), base64 of JSON.

The write key is `token` in the address (or in the record). `profile_set` and `profile_set_once` are traits of the
person (`$set`, `$set_once`); other profile and item records are kept as events `$profile_…`, `$item_…`.
"""

import hashlib
from typing import Any

import msgspec

from bihuan.capture.ingest.rules.body import form_fields, from_base64, gunzipped
from bihuan.capture.ingest.rules.draft import BadRequest, Delivery, Draft, Request, Said
from bihuan.capture.ingest.rules.records import NOTHING, Refused, fill, json_object, properties, raws, read
from bihuan.capture.ingest.rules.values import id_text, text_or_none, traits

PATHS = ("/sa", "/sa.gif")
_TRAITS = {"profile_set": "$set", "profile_set_once": "$set_once"}
_SIGN_UPS = ("track_signup", "track_id_bind")
TYPES = ("track", *_SIGN_UPS, "track_id_unbind", *_TRAITS, "profile_increment", "profile_append", "profile_unset",
         "profile_delete", "item_set", "item_delete")  # fmt: skip


class _Record(msgspec.Struct, gc=False):
    type: Any = None
    event: Any = None
    distinct_id: Any = None
    original_id: Any = None
    login_id: Any = None
    anonymous_id: Any = None
    time: Any = None
    track_id: Any = msgspec.field(name="_track_id", default=None)
    properties: msgspec.Raw = NOTHING
    item_type: Any = None
    item_id: Any = None
    token: Any = None


class _Groups(msgspec.Struct, gc=False):
    groups: Any = msgspec.field(name="$groups", default=None)


_records = msgspec.json.Decoder(_Record)
_groups = msgspec.json.Decoder(_Groups)


def decode_request(body: bytes, request: Request) -> Delivery:
    """The drafts of a form; raises BadRequest when it holds neither `data` nor `data_list`."""
    body = gunzipped(body, encoding=request.headers.get("content-encoding", ""))
    fields = form_fields(body)
    given = fields.get("data_list") or fields.get("data")
    if not given:
        raise BadRequest(400, "The form has neither `data` nor `data_list`.")
    packed = given.lstrip()[:1] not in ("{", "[")
    text = gunzipped(from_base64(given)) if packed else given.encode("utf-8", "surrogatepass")
    key = request.query.get("token") or fields.get("token") or None

    def decode(text: bytes) -> Delivery:
        events = raws.decode(text) if text.lstrip()[:1] == b"[" else [text]
        delivery = fill(Delivery(key=key), events, _records, _draft)
        if delivery.key is None and events:
            delivery.key = _key(events[0])
        return delivery

    return read(text, decode)


def _key(record: msgspec.Raw | bytes) -> str | None:
    try:
        return text_or_none(_records.decode(record).token)
    except msgspec.ValidationError:
        return None


def _draft(index: int, record: _Record) -> Draft:
    kind = record.type
    if kind not in TYPES:
        raise Refused("unknown_type", f"The record's type {str(kind)[:40]!r} is not known.")
    props = properties(record.properties)
    if kind.startswith("item_"):
        item = f"{record.item_type}:{record.item_id}"
        more = properties(props, item_type=record.item_type, item_id=record.item_id)
        said = Said(person=False)
        return Draft(index, f"${kind}", item, _event_id(record), record.time, more, None, said)
    name = record.event if kind.startswith("track") else _TRAITS.get(kind, f"${kind}")
    company = None
    if b'"$groups"' in props:
        groups = _groups.decode(props).groups
        company = id_text(groups.get("company")) if isinstance(groups, dict) else None
    return Draft(
        index=index,
        name=name,
        distinct_id=record.distinct_id,
        event_id=_event_id(record),
        timestamp=record.time,
        props=props,
        company=company,
        said=_said(record, kind),
    )


def _said(record: _Record, kind: str) -> Said | None:
    if kind in _SIGN_UPS:
        other = record.original_id if kind == "track_signup" else record.anonymous_id
        return Said(same_as=other, identified=True)
    known = record.login_id is not None and record.login_id == record.distinct_id
    if kind in _TRAITS:
        told = traits(json_object(record.properties))
        return Said(
            identified=known,
            set=told if kind == "profile_set" else None,
            set_once=told if kind == "profile_set_once" else None,
        )
    return Said(identified=True) if known else None


def _event_id(record: _Record) -> str | None:
    """`_track_id` is a random number of the SDK, too small to stand alone; None lets the content decide."""
    if record.track_id is None:
        return None
    parts = (record.track_id, record.type, record.distinct_id, record.event, record.time, record.item_id)
    content = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return "s-" + hashlib.blake2b(content, digest_size=16).hexdigest()
