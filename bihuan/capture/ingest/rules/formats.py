"""Which format is spoken where: one file per format, all give the same drafts."""

from bihuan.capture.ingest.rules import cloudevents, posthog, segment, sensors
from bihuan.capture.ingest.rules.draft import Decode

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
