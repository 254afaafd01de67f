"""What OpenAPI says of the capture paths, which no router knows: bodies by format, one set of answers for all."""

import json
from typing import Any

from bihuan.capture.identity.rules import MAX_ID
from bihuan.capture.ingest.rules.cloudevents import PATHS as CLOUDEVENTS
from bihuan.capture.ingest.rules.draft import MAX_BODY, MAX_EVENT_ID, MAX_EVENTS, MAX_NAME, MAX_PROPERTIES
from bihuan.capture.ingest.rules.posthog import PATHS as POSTHOG
from bihuan.capture.ingest.rules.segment import CALLS
from bihuan.capture.ingest.rules.segment import PATHS as SEGMENT
from bihuan.capture.ingest.rules.sensors import PATHS as SENSORS
from bihuan.capture.ingest.rules.sensors import TYPES
from bihuan.capture.ingest.rules.steps import STEPS

Json = dict[str, Any]
TAG = "capture"

_PRINTABLE = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$"
_TEXT: Json = {"type": "string"}
_NAME: Json = {"type": "string", "minLength": 1, "maxLength": MAX_NAME, "pattern": _PRINTABLE}
_EVENT_ID: Json = {"type": "string", "minLength": 1, "maxLength": MAX_EVENT_ID, "pattern": _PRINTABLE}
_ID: Json = {
    "type": ["string", "integer"], "minLength": 1, "maxLength": MAX_ID, "pattern": _PRINTABLE,
    "description": 'Who did it; "null", "guest", 0 and the like are refused.',
}  # fmt: skip
_MOMENT: Json = {"type": "string", "format": "date-time"}
_OBJECT: Json = {"type": "object", "description": f"At most {MAX_PROPERTIES:,} bytes of JSON."}


def _object(*required: str, **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def _many(name: str) -> Json:
    return {"type": "array", "maxItems": MAX_EVENTS, "items": {"$ref": f"#/components/schemas/{name}"}}


_REJECTED: Json = {"type": "array", "items": {"$ref": "#/components/schemas/RejectedInRequest"}}
SCHEMAS: dict[str, Json] = {
    "PostHogEvent": _object("event", "distinct_id", event=_NAME, distinct_id=_ID, uuid=_EVENT_ID, timestamp=_MOMENT,
                            properties=_OBJECT, api_key=_TEXT),
    "PostHogBatch": _object("api_key", "batch", api_key=_TEXT, batch=_many("PostHogEvent"), sent_at=_MOMENT),
    "SegmentCall": _object(event=_NAME, userId=_ID, anonymousId=_ID, groupId=_TEXT,
                           previousId=_ID, messageId=_EVENT_ID, name=_TEXT, timestamp=_MOMENT, sentAt=_MOMENT,
                           properties=_OBJECT, traits=_OBJECT, context=_OBJECT, writeKey=_TEXT),
    "SegmentBatchedCall": {
        "allOf": [{"$ref": "#/components/schemas/SegmentCall"}, _object("type", type={"enum": list(CALLS)})]
    },
    "SegmentBatch": _object("batch", batch=_many("SegmentBatchedCall"), sentAt=_MOMENT, writeKey=_TEXT),
    "SensorsRecord": _object("type", type={"enum": list(TYPES)}, distinct_id=_ID, event=_NAME, original_id=_ID,
                             time={"type": "integer", "description": "Milliseconds since 1970."},
                             _track_id={"type": "integer"}, properties=_OBJECT),
    "SensorsRecords": _many("SensorsRecord"),
    "CloudEvent": _object("specversion", "id", "source", "type", specversion={"const": "1.0"}, id=_EVENT_ID,
                          source=_EVENT_ID, type=_NAME, subject=_ID, time=_MOMENT, account=_TEXT, person=_ID, data={}),
    "CloudEvents": _many("CloudEvent"),
    "Taken": {
        **_object("status", "accepted", "duplicates", "rejected", status={"const": 1},
                  accepted={"type": "integer", "minimum": 0}, duplicates={"type": "integer", "minimum": 0},
                  rejected=_REJECTED),
        "description": "The accepted events are on the disk; duplicates had been stored before.",
    },
    "RejectedInRequest": {
        **_object("index", "step", "code", "reason", index={"type": "integer", "minimum": 0},
                  step={"enum": list(STEPS)}, code=_TEXT, reason=_TEXT),
        "description": "One event that was not taken: its place in the request, the step that refused it, and why.",
    },
    "NotTaken": {
        **_object("status", "detail", status={"const": 0}, detail=_TEXT, accepted={"const": 0}, duplicates={"const": 0},
                  rejected=_REJECTED),
        "description": "Nothing of the request is stored; `rejected` when each event of it was refused by itself.",
    },
}  # fmt: skip

_REFUSALS = {
    "400": ("The body cannot be read, or all of its events were rejected.", "The body is empty."),
    "401": ("No write key, or one that is unknown or revoked.", "The request has no write key."),
    "408": ("The body took too long to arrive.", "The body took longer than 60 s to arrive."),
    "413": (
        f"More than {MAX_BODY // 2**20} MB (also unpacked), {MAX_EVENTS:,} events, or no event without too large properties.",
        "The body is larger than 20 MB.",
    ),
    "415": ("A content encoding that is not spoken here.", "The content encoding 'br' is not supported; use gzip or none."),
    "503": (
        "Busy, starting, or the disk is full: send the same again after `Retry-After` seconds.",
        "Too many events wait to be stored; try again in a moment.",
    ),
}  # fmt: skip
SECURITY = {
    "WriteKeyBasic": {
        "type": "http",
        "scheme": "basic",
        "description": "The write key as user, no password.",
    },
    "WriteKeyBearer": {"type": "http", "scheme": "bearer", "description": "The write key of the source."},
    "WriteKeyQuery": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "The write key of the source.",
    },
}

_EVENT = {"event": "report_opened", "distinct_id": "user-42", "uuid": "0199f1a2-5e0c-7b1f-9a63-2d1b1f0c8e11",
          "timestamp": "2026-11-22T08:00:00Z", "properties": {"pages": 3, "$groups": {"company": "yunshan"}}}  # fmt: skip
_CALLS: dict[str, Json] = {
    "identify": {"userId": "user-42", "anonymousId": "anonymous-7", "traits": {"email": "lin@yunshan.example"}},
    "track": {"userId": "user-42", "event": "Report Opened", "messageId": "m-1", "properties": {"pages": 3},
              "context": {"groupId": "yunshan"}},
    "page": {"anonymousId": "anonymous-7", "name": "Home", "properties": {"path": "/"}},
    "screen": {"userId": "user-42", "name": "Start"},
    "group": {"userId": "user-42", "groupId": "yunshan", "traits": {"industry": "制造"}},
    "alias": {"userId": "user-42", "previousId": "anonymous-7"},
}  # fmt: skip
_RECORD = {"type": "track", "event": "ReportOpened", "distinct_id": "user-42", "time": 1795334400000,
           "_track_id": 815, "properties": {"pages": 3}}  # fmt: skip
_USAGE = {"specversion": "1.0", "id": "u-1", "source": "/api", "type": "tokens", "subject": "yunshan",
          "time": "2026-11-22T08:00:00Z", "data": {"tokens": 1200}}  # fmt: skip


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _packed(name: str) -> Json:
    """A field of a form that holds JSON, plain or in base64, itself gzip if one likes."""
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": _ref(name)}


def _form(example: Json, **fields: str) -> Json:
    schema = _object(**{field: _packed(name) for field, name in fields.items()})
    text = {field: json.dumps(value, ensure_ascii=False) for field, value in example.items()}
    return {"schema": schema, "example": text}


def _posthog(path: str) -> Json:
    batch = {"api_key": "bhw_…", "batch": [_EVENT], "sent_at": "2026-11-22T08:00:01Z"}
    one = {"api_key": "bhw_…"} | _EVENT
    either = {"anyOf": [_ref("PostHogBatch"), _ref("PostHogEvent"), _many("PostHogEvent")]}
    content = {
        "application/json": {"schema": either, "example": batch if path == "/batch" else one},
        "application/x-www-form-urlencoded": _form({"data": one}, data="PostHogEvent"),
    }
    said = "One event, an array of events or a batch, as PostHog's SDKs send them. The write key is `api_key` or `token`."
    sent = {
        "name": "_",
        "in": "query",
        "schema": _TEXT,
        "description": "When it was sent, in milliseconds since 1970.",
    }
    return {"summary": "Send events (PostHog)", "description": said, "security": [], "parameters": [sent],
            "requestBody": {"required": True, "content": content}}  # fmt: skip


def _segment(path: str) -> Json:
    call = path.rpartition("/")[2]
    calls = [{"type": name} | one for name, one in _CALLS.items()]
    batch = {"writeKey": "bhw_…", "sentAt": "2026-11-22T08:00:01Z", "batch": calls}
    content = {"schema": _ref("SegmentCall"), "example": _CALLS.get(call)}
    if call == "batch":
        content = {"schema": _ref("SegmentBatch"), "example": batch}
    said = "As Segment's SDKs send it. The write key is the user of Basic authentication, or `writeKey` in the body."
    return {"summary": f"Send {call} (Segment)", "description": said, "security": [{"WriteKeyBasic": []}, {}],
            "requestBody": {"required": True, "content": {"application/json": content}}}  # fmt: skip


def _sensors(_path: str) -> Json:
    content = _form({"data_list": [_RECORD]}, data="SensorsRecord", data_list="SensorsRecords")
    said = "A form with `data` (one record) or `data_list` (many), as the SDKs of Sensors Analytics 神策 send it."
    return {"summary": "Send records (Sensors 神策)", "description": said, "security": [{"WriteKeyQuery": []}],
            "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": content}}}  # fmt: skip


def _cloudevents(_path: str) -> Json:
    content = {
        "application/cloudevents+json": {"schema": _ref("CloudEvent"), "example": _USAGE},
        "application/cloudevents-batch+json": {"schema": _ref("CloudEvents"), "example": [_USAGE]},
        "application/json": {"schema": {}, "example": _USAGE["data"]},
    }
    said = (
        "CloudEvents 1.0: one (structured), many (batched), or with the attributes in the headers `ce-…` and the data "
        "as body (binary). `source` and `id` are the event's id, `subject` is the key of the account."
    )
    attributes = [{"name": f"ce-{name}", "in": "header", "schema": _TEXT}
                  for name in ("specversion", "id", "source", "type", "subject", "time", "account", "person")]  # fmt: skip
    return {"summary": "Send usage (CloudEvents)", "description": said, "security": [{"WriteKeyBearer": []}],
            "parameters": attributes, "requestBody": {"required": True, "content": content}}  # fmt: skip


def describe_capture(schema: Json) -> None:
    """Add every capture path to an OpenAPI document. Each is spoken with and without a slash at its end."""
    parts = schema.setdefault("components", {})
    parts.setdefault("schemas", {}).update(SCHEMAS)
    parts.setdefault("securitySchemes", {}).update(SECURITY)
    parts.setdefault("responses", {}).update(
        {f"Capture{status}": _refusal(status, *said) for status, said in _REFUSALS.items()}
    )
    for paths, operation in (
        (POSTHOG, _posthog), (SEGMENT, _segment), (SENSORS, _sensors), (CLOUDEVENTS, _cloudevents),
    ):  # fmt: skip
        for path in paths:
            shown = f"{path}/" if paths is POSTHOG else path
            name = "capture" + shown.rstrip("/").replace("/", "_").replace(".", "_")
            schema["paths"].setdefault(shown, {})["post"] = {
                "operationId": name, "tags": [TAG], **operation(path), "responses": _answers(),
            }  # fmt: skip


def _answers() -> Json:
    taken = {"status": 1, "accepted": 3, "duplicates": 1, "rejected": [
        {"index": 2, "step": "identify", "code": "no_distinct_id", "reason": "The event has no distinct_id."}]}  # fmt: skip
    content = {"application/json": {"schema": _ref("Taken"), "example": taken}}
    stored = {"description": "The good events are on the disk; the others are named.", "content": content}
    return {"200": stored} | {
        status: {"$ref": f"#/components/responses/Capture{status}"} for status in _REFUSALS
    }


def _refusal(status: str, what: str, detail: str) -> Json:
    content = {"schema": _ref("NotTaken"), "example": {"status": 0, "detail": detail}}
    answer: Json = {"description": what, "content": {"application/json": content}}
    if status == "503":
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "required": True}}
    return answer
