"""Credentials that others gave us, sealed with the installation's key: who sees the database alone cannot read them.

A keystream of HMAC-SHA256 over a counter, then a tag over everything (encrypt-then-MAC), each with a key of its own.
"""

import base64
import hashlib
import hmac
import secrets

_NONCE, _TAG = 16, 32


def _key(key: bytes, name: str) -> bytes:
    return hmac.new(key, f"reach:{name}".encode(), hashlib.sha256).digest()


def _stream(key: bytes, nonce: bytes, size: int) -> bytes:
    blocks = (size + 31) // 32
    return b"".join(
        hmac.new(key, nonce + n.to_bytes(4, "big"), hashlib.sha256).digest() for n in range(blocks)
    )[:size]


def sealed(text: str, *, key: bytes) -> str:
    """The text so that only the key opens it; each time another."""
    plain, nonce = text.encode(), secrets.token_bytes(_NONCE)
    stream = _stream(_key(key, "seal"), nonce, len(plain))
    body = nonce + bytes(a ^ b for a, b in zip(plain, stream, strict=True))
    return base64.b64encode(body + hmac.new(_key(key, "tag"), body, hashlib.sha256).digest()).decode()


def opened(text: str, *, key: bytes) -> str:
    """The text again; ValueError when it was sealed with another key or changed."""
    raw = base64.b64decode(text, validate=True)
    body, tag = raw[:-_TAG], raw[-_TAG:]
    if len(raw) < _NONCE + _TAG or not hmac.compare_digest(
        hmac.new(_key(key, "tag"), body, hashlib.sha256).digest(), tag
    ):
        raise ValueError("this was sealed with another key")
    nonce, hidden = body[:_NONCE], body[_NONCE:]
    stream = _stream(_key(key, "seal"), nonce, len(hidden))
    return bytes(a ^ b for a, b in zip(hidden, stream, strict=True)).decode()
