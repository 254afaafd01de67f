"""What Segment's SDKs send: one call at /v1/<its name>, or many at /v1/batch. https://segment.com/docs spec, version 1.

Calls get the names under which PostHog's SDKs send the same: `$identify`, `$groupidentify`, `$create_alias`,
`$pageview`, `$screen`. The call's `context` is kept as the property `$context`; its `groupId` names the account.
"""

import base64
import binascii
from typing import Any

import msgspec

from bihuan.capture.ingest.rules.body import gunzipped
from bihuan.capture.ingest.rules.clock import read_time
from bihuan.capture.ingest.rules.draft import BadRequest, Delivery, Draft, Request, Said
from bihuan.capture.ingest.rules.records import NOTHING, Refused, fill, json_object, properties, raws, read
from bihuan.capture.ingest.rules.values import first, id_text, text_or_none, traits

CALLS = ("identify", "track", "page", "screen", "group", "alias")
PATHS = tuple(f"/v1/{call}" for call in (*CALLS, "batch"))
_NAMES = {"page": "$pageview", "screen": "$screen", "identify": "$identify", "group": "$groupidentify",
          "alias": "$create_alias"}  # fmt: skip


class _Call(msgspec.Struct, gc=False):
    type: Any = None
    event: Any = None
    user_id: Any = msgspec.field(name="userId", default=None)
    anonymous_id: Any = msgspec.field(name="anonymousId", default=None)
    previous_id: Any = msgspec.field(name="previousId", default=None)
    group_id: Any = msgspec.field(name="groupId", default=None)
    message_id: Any = msgspec.field(name="messageId", default=None)
    timestamp: Any = None
    original_timestamp: Any = msgspec.field(name="originalTimestamp", default=None)
    name: Any = None
    category: Any = None
    properties: msgspec.Raw = NOTHING
    traits: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING

    @property
    def distinct_id(self) -> Any:
        """The known id, else the anonymous one."""
        return self.anonymous_id if self.user_id in (None, "") else self.user_id


class _Envelope(msgspec.Struct):
    batch: msgspec.Raw = NOTHING
    write_key: Any = msgspec.field(name="writeKey", default=None)
    sent_at: Any = msgspec.field(name="sentAt", default=None)


class _Context(msgspec.Struct, gc=False):
    group_id: Any = msgspec.field(name="groupId", default=None)


_calls = msgspec.json.Decoder(_Call)
_envelopes = msgspec.json.Decoder(_Envelope)
_contexts = msgspec.json.Decoder(_Context)


def decode_request(body: bytes, request: Request) -> Delivery:
    """The drafts of a request; the key is the user of Basic authentication, or `writeKey` in the body."""
    body = gunzipped(body, encoding=request.headers.get("content-encoding", ""))
    call = request.path.rstrip("/").rsplit("/", 1)[-1]

    def decode(text: bytes) -> Delivery:
        envelope = _envelopes.decode(text)
        key = _basic(request.headers.get("authorization", "")) or text_or_none(envelope.write_key)
        delivery = Delivery(key=key, sent_at=read_time(envelope.sent_at))
        if call != "batch":
            return fill(delivery, [text], _calls, lambda index, one: _draft(index, one, call))
        batch = bytes(envelope.batch)
        if batch[:1] != b"[":
            raise BadRequest(400, "`batch` must be an array of calls.")
        return fill(delivery, raws.decode(batch), _calls, lambda index, one: _draft(index, one, one.type))

    return read(body, decode)


def _draft(index: int, call: _Call, kind: Any) -> Draft:
    if kind not in CALLS:
        raise Refused("unknown_type", f"The call's type {str(kind)[:40]!r} is none of {', '.join(CALLS)}.")
    user = call.user_id not in (None, "")
    company, said = None, None
    if bytes(call.context)[:1] == b"{":
        company = id_text(_contexts.decode(call.context).group_id)
    if kind == "identify":
        told = json_object(call.traits)
        props = properties(b"{}", set=call.traits, context=call.context)
        said = Said(
            same_as=call.anonymous_id if user else None,
            identified=user,
            set=traits(told) if isinstance(told, dict) else None,
        )
    elif kind == "group":
        company = id_text(call.group_id)
        props = properties(b"{}", group_key=company, group_set=call.traits, context=call.context)
    elif kind == "alias":
        props = properties(b"{}", alias=call.previous_id, context=call.context)
        said = Said(same_as=call.previous_id)
    else:
        props = properties(call.properties, name=call.name, category=call.category, context=call.context)
    return Draft(
        index=index,
        name=call.event if kind == "track" else _NAMES[kind],
        distinct_id=call.distinct_id,
        event_id=call.message_id,
        timestamp=first(call.original_timestamp, call.timestamp),
        props=props,
        company=company,
        said=said,
    )


def _basic(header: str) -> str | None:
    scheme, _space, given = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[0] or None
    except (binascii.Error, ValueError):
        return None
