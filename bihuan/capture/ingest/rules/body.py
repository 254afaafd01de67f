"""From the bytes of a request to the bytes of its JSON."""

import base64
import binascii
import json
import re
import zlib
from typing import Any
from urllib.parse import parse_qs

from bihuan.capture.ingest.rules.draft import MAX_BODY, BadRequest

MOST_MEMBERS = 16
MOST_VALUES = 2_000_000
_FORM = "application/x-www-form-urlencoded"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def unpack(body: bytes, *, encoding: str = "", content_type: str = "", limit: int = MAX_BODY) -> bytes:
    """The JSON of a body that may be gzip (named or not), or a form with `data` in base64."""
    body = gunzipped(body, encoding=encoding, limit=limit)
    is_json = body.lstrip()[:1] in (b"{", b"[")  # whatever the content type says: `curl -d` calls it a form
    if not is_json and (content_type.startswith(_FORM) or body.startswith(b"data=")):
        data = form_fields(body).get("data", "")
        body = from_base64(data) if not data.lstrip().startswith(("{", "[")) else data.encode()
        body = gunzipped(body, limit=limit)
    return body


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form, the first of each name."""
    try:
        return {
            name: values[0] for name, values in parse_qs(body.decode("ascii"), max_num_fields=100).items()
        }
    except ValueError as error:
        raise BadRequest(400, "The form cannot be read.") from error


def gunzipped(body: bytes, *, encoding: str = "", limit: int = MAX_BODY) -> bytes:
    """The body unpacked when it is gzip, whatever its headers say, or deflate when they say so."""
    encoding = encoding.strip().lower()
    if body[:2] == b"\x1f\x8b":
        return _inflate(body, wbits=31, limit=limit)
    if encoding in ("gzip", "x-gzip") and body:
        raise BadRequest(400, "The body says it is gzip and is not.")
    if encoding == "deflate":
        return _inflate(body, wbits=15, limit=limit)
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise BadRequest(415, f"The content encoding {encoding[:40]!r} is not supported; use gzip or none.")
    return body


def _inflate(body: bytes, *, wbits: int, limit: int) -> bytes:
    """Unpack at most `limit` bytes: a small body may hold a very large one."""
    unpacked, members = bytearray(), 0
    try:
        while body:
            members += 1
            if members > MOST_MEMBERS:  # each costs a copy of all that follows
                raise BadRequest(400, f"The compressed body has more than {MOST_MEMBERS} parts.")
            machine = zlib.decompressobj(wbits)
            unpacked += machine.decompress(body, limit + 1 - len(unpacked))
            if len(unpacked) > limit:
                raise BadRequest(413, f"The unpacked body is larger than {limit // 2**20} MB.", step="limit")
            if not machine.eof:
                raise BadRequest(400, "The compressed body is cut short.")
            body = machine.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise BadRequest(400, "The compressed body is damaged.") from error
    return bytes(unpacked)


def from_base64(data: str) -> bytes:
    """The bytes; a `+` that a form turned into a blank is mended, padding may be missing."""
    try:
        padded = data.replace(" ", "+") + "=" * (-len(data) % 4)
        return base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest(400, "The form's `data` is neither JSON nor base64.") from error


def sound_text(body: bytes) -> bytes:
    """The same bytes; raises UnicodeDecodeError when they are not UTF-8, which decoding parts would not notice."""
    if not body.isascii():
        body.decode()
    return body


def tolerant(body: bytes) -> bytes:
    """Strict JSON from what some SDKs send: half a surrogate pair becomes U+FFFD, NaN and infinities null."""
    try:
        value: Any = json.loads(body.decode("utf-8", "replace"), parse_constant=lambda _name: None)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except RecursionError as error:
        raise BadRequest(400, "The body is nested too deeply.") from error
    except ValueError as error:
        raise BadRequest(400, f"The body is not JSON: {error}") from error
    return _LONE_SURROGATE.sub("\ufffd", text).encode()
