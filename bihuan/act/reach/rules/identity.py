"""Who looks at an inbox: proved by the customer's server with the channel's secret, as a signature or a short-lived JWT."""

import base64
import binascii
import hashlib
import hmac
import json
import math
from datetime import datetime, timedelta
from typing import Any

#: A JWT that is valid for longer is refused: it would be a password in a page.
LONGEST = timedelta(hours=24)
LEEWAY = timedelta(minutes=1)
MOST_CHARACTERS = 2_000
#: Before the secret in the key of a JWT. With one key for both, somebody who may choose an id of the form "header.claims" would
#: be given its signature by the customer's server, and with it a JWT for anybody.
OF_A_JWT = "jwt:"


def is_storable(text: str) -> bool:
    """Whether a database can be asked for it: without NUL and halves of characters."""
    return not any(one == "\x00" or "\ud800" <= one <= "\udfff" for one in text)


def signature(*, secret: str, distinct_id: str) -> str:
    """HMAC-SHA256 of the distinct id, hex."""
    return hmac.new(secret.encode(), distinct_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def is_signed(*, secret: str, distinct_id: str, signed: str) -> bool:
    """Whether the signature is that of the id."""
    wanted = signature(secret=secret, distinct_id=distinct_id)
    return hmac.compare_digest(wanted.encode(), signed.lower().encode("utf-8", "surrogatepass"))


def subject_of(token: str, *, secret: str, at: datetime) -> str | None:
    """The `sub` of a JWT that is signed with HS256 and the key "jwt:" + secret, and has not expired; None for any other."""
    parts = token.split(".")
    if len(token) > MOST_CHARACTERS or len(parts) != 3:
        return None
    wanted = hmac.new(
        (OF_A_JWT + secret).encode(),
        f"{parts[0]}.{parts[1]}".encode("utf-8", "surrogatepass"),
        hashlib.sha256,
    )
    header, claims, signed = _object(parts[0]), _object(parts[1]), _bytes(parts[2])
    if header is None or claims is None or signed is None or header.get("alg") != "HS256":
        return None
    if not hmac.compare_digest(wanted.digest(), signed):
        return None
    subject, expires, begins = claims.get("sub"), _number(claims.get("exp")), _number(claims.get("nbf", 0))
    if (
        not isinstance(subject, str)
        or not subject
        or not is_storable(subject)
        or expires is None
        or begins is None
    ):
        return None
    now = at.timestamp()
    if expires <= now or expires > now + (LONGEST + LEEWAY).total_seconds():
        return None
    return subject if begins <= now + LEEWAY.total_seconds() else None


def _number(value: Any) -> float | None:
    """JSON of Python knows NaN, which is neither before nor after anything."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def _bytes(part: str) -> bytes | None:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _object(part: str) -> dict[str, Any] | None:
    raw = _bytes(part)
    try:
        found = None if raw is None else json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
