"""Write keys: how one is made, and what is kept of it."""

import hashlib
import secrets

PREFIX = "bhw_"
RESERVED_CODE = "bihuan"


def new_key() -> str:
    """A fresh write key with 192 bits from the system's random source."""
    return PREFIX + secrets.token_urlsafe(24)


def hash_of(key: str) -> str:
    """What is stored and compared instead of the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def hint_of(key: str) -> str:
    """The beginning of the key, enough to tell two apart and too little to use."""
    return key[: len(PREFIX) + 4]
