"""Signatures after Standard Webhooks 1.0: HMAC-SHA256 over "id.timestamp.body". Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
#: So far may the sender's clock be from the receiver's.
TOLERANCE_SECONDS = 300


def secret_text(key: bytes) -> str:
    """A key as receivers are given it."""
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key of a secret that was given; ValueError for what is none."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def signature(*, key: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """One signature, such as "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="."""
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers_for(*, keys: Iterable[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers; while a secret is being changed there is a signature with each of both."""
    signed = " ".join(signature(key=key, message_id=message_id, at=at, body=body) for key in keys)
    return {
        "webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed,
    }  # fmt: skip
