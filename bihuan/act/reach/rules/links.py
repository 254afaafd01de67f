"""Links in messages: to the web only, so that nothing else can hide behind a button."""

from urllib.parse import urlsplit


def is_web_link(text: str) -> bool:
    """Whether it is http or https with a name, and no user, space or other sign inside."""
    if len(text) > 500 or any(ord(one) <= 32 or ord(one) == 127 for one in text) or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
