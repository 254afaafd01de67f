"""Which format is spoken where: one file per format, all give the same drafts."""

from urllib.parse import urlencode

from bihuan.capture.ingest.rules import cloudevents, posthog, segment, sensors
from bihuan.capture.ingest.rules.draft import BadRequest, Decode, Delivery, Request

#: Name → how a request is read, and at which paths (without a slash at their end).
FORMATS: dict[str, tuple[Decode, tuple[str, ...]]] = {
    "posthog": (posthog.decode_request, posthog.PATHS),
    "segment": (segment.decode_request, segment.PATHS),
    "sensors": (sensors.decode_request, sensors.PATHS),
    "cloudevents": (cloudevents.decode_request, cloudevents.PATHS),
}
_AT: dict[str, tuple[str, Decode]] = {
    path + slash: (name, decode)
    for name, (decode, paths) in FORMATS.items()
    for path in paths
    for slash in ("", "/")
}


def format_at(path: str) -> tuple[str, Decode] | None:
    """The name of the format spoken at that path, and how it is read."""
    return _AT.get(path)


def read_again(*, path: str, text: str) -> Delivery:
    """The draft of one event that was sent to that path; `text` is the event's own JSON. Raises BadRequest."""
    spoken = format_at(path)
    if spoken is None:
        raise BadRequest(404, "No format is spoken at the path to which this was sent.")
    name, decode = spoken
    body = text.encode("utf-8", "replace")
    if name == "sensors":
        body = urlencode({"data": text}, errors="replace").encode()
    elif path.rstrip("/").endswith("/v1/batch"):
        body = b'{"batch":[' + body + b"]}"
    delivery = decode(body, Request(path=path))
    if delivery.size > 1:
        raise BadRequest(400, "This holds more than one event.")
    return delivery
