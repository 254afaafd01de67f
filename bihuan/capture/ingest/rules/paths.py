"""Where SDKs post to."""

_POSTHOG = ("/capture", "/e", "/i/v0/e", "/batch", "/track", "/engage")

CAPTURE_PATHS = frozenset(path + slash for path in _POSTHOG for slash in ("", "/"))
