"""Where SDKs post to."""

from bihuan.capture.ingest.rules.formats import FORMATS

CAPTURE_PATHS = frozenset(path + slash for path in FORMATS for slash in ("", "/"))
