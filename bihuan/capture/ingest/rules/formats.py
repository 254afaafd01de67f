"""Which format is spoken where: one file per format, all give the same drafts."""

from bihuan.capture.ingest.rules import posthog
from bihuan.capture.ingest.rules.draft import Decode

#: Path, without the slash at its end → the name of its format and how it is read.
FORMATS: dict[str, tuple[str, Decode]] = dict.fromkeys(posthog.PATHS, ("posthog", posthog.decode_request))


def format_at(path: str) -> tuple[str, Decode] | None:
    """The format spoken at that path, with or without a slash at its end."""
    return FORMATS.get(path) or FORMATS.get(path.removesuffix("/"))
