"""Single values of what SDKs send."""

from typing import Any

import msgspec


def first(*values: Any) -> Any:
    """The first that is there."""
    return next((value for value in values if value is not None), None)


def text_or_none(value: Any) -> str | None:
    """Text that is not empty."""
    return value if isinstance(value, str) and value else None


def id_text(value: Any) -> str | None:
    """The key of an account: text without blanks around it, or a whole number; never NUL."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = value.strip() if isinstance(value, str) else ""
    return text if text and "\0" not in text else None


def traits(value: Any) -> dict[str, Any] | None:
    """An object that every database can keep: without NUL, which PostgreSQL refuses."""
    if not isinstance(value, dict) or not value:
        return None
    text = msgspec.json.encode(value)
    found: dict[str, Any] = (
        msgspec.json.decode(text.replace(b"\\u0000", b"")) if b"\\u0000" in text else value
    )
    return found
