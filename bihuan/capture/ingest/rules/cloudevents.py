"""CloudEvents 1.0 over HTTP: structured, batched and binary, as OpenMeter uses them for usage.

`source` and `id` together are the event's id, `subject` names the account. The extension attributes `account` and
`person` (an id as SDKs send it) say more; an event without a person belongs to its account only.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from bihuan.capture.ingest.rules.body import gunzipped
from bihuan.capture.ingest.rules.draft import BadRequest, Delivery, Draft, Request, Said
from bihuan.capture.ingest.rules.records import NOTHING, Refused, fill, properties, raws, read
from bihuan.capture.ingest.rules.values import first, id_text

PATHS = ("/api/v1/events",)
_ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "account", "person")


class _CloudEvent(msgspec.Struct, gc=False):
    specversion: Any = None
    id: Any = None
    source: Any = None
    type: Any = None
    subject: Any = None
    time: Any = None
    account: Any = None
    person: Any = None
    data: msgspec.Raw = NOTHING
    data_base64: Any = None

    @property
    def event(self) -> Any:
        """Its name."""
        return self.type

    @property
    def distinct_id(self) -> Any:
        """Whom it is about."""
        return first(self.person, self.subject)


_events = msgspec.json.Decoder(_CloudEvent)


def decode_request(body: bytes, request: Request) -> Delivery:
    """The drafts of a request; the key is the token of Bearer authentication."""
    headers = request.headers
    body = gunzipped(body, encoding=headers.get("content-encoding", ""))
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    key = token.strip() or None if scheme.lower() == "bearer" else None
    if "ce-specversion" in headers:
        body = _structured(body, headers)

    def decode(text: bytes) -> Delivery:
        events = raws.decode(text) if text.lstrip()[:1] == b"[" else [text]
        return fill(Delivery(key=key), events, _events, _draft)

    return read(body, decode)


def _structured(data: bytes, headers: Mapping[str, str]) -> bytes:
    """The same event with its attributes beside its data, as one JSON object."""
    attributes = {name: headers[f"ce-{name}"] for name in _ATTRIBUTES if f"ce-{name}" in headers}
    try:
        whole = {**attributes, "data": msgspec.json.decode(data)} if data else attributes
        return msgspec.json.encode(whole)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadRequest(400, f"The event's data is not JSON: {error}") from error


def _draft(index: int, event: _CloudEvent) -> Draft:
    if event.specversion != "1.0":
        raise Refused("bad_specversion", '`specversion` must be "1.0".')
    for name in ("id", "source"):
        if not isinstance(getattr(event, name), str) or not getattr(event, name):
            raise Refused(f"no_{name}", f"The event has no `{name}`.")
    data = bytes(event.data)
    if data and data[:1] != b"{":
        data = b'{"data":' + data + b"}"
    props = properties(data, source=event.source, subject=event.subject, data_base64=event.data_base64)
    return Draft(
        index=index,
        name=event.type,
        distinct_id=first(event.person, event.subject, event.source),
        event_id=f"{event.source}#{event.id}",
        timestamp=event.time,
        props=props,
        company=id_text(first(event.account, event.subject)),
        said=Said(person=False) if event.person is None else None,
    )
