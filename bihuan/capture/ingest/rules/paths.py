"""Where SDKs post to."""

from bihuan.capture.ingest.rules.cloudevents import PATHS as _SHARED
from bihuan.capture.ingest.rules.formats import FORMATS

CAPTURE_PATHS = frozenset(
    path + slash for _decode, paths in FORMATS.values() for path in paths for slash in ("", "/")
)
#: At these a GET is a question to the REST API, not a request for capture.
SHARED_PATHS = frozenset(path + slash for path in _SHARED for slash in ("", "/"))


def is_capture(*, path: str, method: str) -> bool:
    """Whether this request brings events."""
    return path in CAPTURE_PATHS and (path not in SHARED_PATHS or method in ("POST", "OPTIONS"))
