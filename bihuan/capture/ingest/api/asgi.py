"""The raw ASGI app for SDKs: read, decode, store, then answer.

Nothing here blocks the event loop: large bodies are decoded and unknown keys looked up in a thread, and the
commit happens in the writer's thread.
"""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import msgspec
from django.db import DatabaseError, DataError
from django.utils import timezone

from bihuan.base.clock import is_set
from bihuan.capture.ingest.actions.commit import Outcome
from bihuan.capture.ingest.actions.counts import get_counts
from bihuan.capture.ingest.actions.group import Arrived
from bihuan.capture.ingest.actions.writer import Writer, WriterFull, get_writer
from bihuan.capture.ingest.rules.draft import MAX_BODY, BadRequest, Delivery, Request
from bihuan.capture.ingest.rules.formats import format_at
from bihuan.capture.ingest.rules.steps import take_steps
from bihuan.capture.sources.queries import KeyRing, Sender

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_INLINE_BYTES = 131_072
_READ_SECONDS = 60
_MOST_READING = 256 * 2**20
_RETRY_AFTER = "2"
_key_ring = KeyRing()


class _ClockNotSet(Exception):
    """The clock of this machine cannot be right: no event could be dated by it."""


class _Gone(Exception):
    """The client went away before its body was whole."""


async def capture_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request: 200 after the commit, else 4xx/5xx with `detail` in words."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    extra: dict[str, str] = {}
    answer: dict[str, Any] | None = None
    try:
        if scope["method"] == "OPTIONS":
            status = 204
        elif scope["method"] != "POST":
            status, answer, extra = 405, {"status": 0, "detail": "Use POST."}, {"allow": "POST, OPTIONS"}
        else:
            status, answer = _judged(await _take(scope, headers, receive))
    except BadRequest as error:
        status, answer = error.status, {"status": 0, "detail": error.detail}
        get_counts().refuse(step=error.step, status=status)
    except WriterFull:
        status, answer = (
            503,
            {"status": 0, "detail": "Too many events wait to be stored; try again in a moment."},
        )
    except _ClockNotSet:
        status, answer = 503, {"status": 0, "detail": "The clock of this server is not set; try again later."}
    except DataError:
        status, answer = 400, {"status": 0, "detail": "The events hold a value that cannot be stored."}
    except (DatabaseError, sqlite3.Error, OSError):
        status, answer = (
            503,
            {"status": 0, "detail": "The events cannot be stored now; try again in a moment."},
        )
    except _Gone:
        return
    if status == 503:
        extra = {"retry-after": _RETRY_AFTER}
    await _answer(send, status, answer, _cors(headers) | extra)


def _judged(report: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """200, unless no event at all could be taken: then the reason of the first."""
    rejected = report["rejected"]
    if not rejected or report["accepted"] or report["duplicates"]:
        return 200, report
    too_large = any(one["code"] == "properties_too_large" for one in rejected)
    return 413 if too_large else 400, report | {"status": 0, "detail": rejected[0]["reason"]}


async def _take(scope: Scope, headers: dict[str, str], receive: Receive) -> dict[str, Any]:
    writer = get_writer()
    if writer is None:
        raise WriterFull
    held = _Held()
    try:
        async with asyncio.timeout(_READ_SECONDS):
            body = await _read(headers, receive, held)
        return await _stored(scope, headers, body, writer)
    except TimeoutError:
        raise BadRequest(408, f"The body took longer than {_READ_SECONDS} s to arrive.") from None
    finally:
        held.free()


async def _stored(scope: Scope, headers: dict[str, str], body: bytes, writer: Writer) -> dict[str, Any]:
    received_at = timezone.now()
    if not is_set(at=received_at):
        raise _ClockNotSet
    asked = scope.get("query_string", b"")
    query = {name: values[0] for name, values in parse_qs(asked.decode("latin-1")).items()} if asked else {}
    request = Request(path=scope["path"], headers=headers, query=query)
    spoken = format_at(request.path)
    if spoken is None:
        raise BadRequest(404, "No format is spoken here.")
    _format, decode = spoken

    def decoded() -> Delivery:
        return take_steps(decode(body, request), new_id=uuid4)

    small = len(body) <= _INLINE_BYTES and body[:2] != b"\x1f\x8b"
    delivery = decoded() if small else await asyncio.to_thread(decoded)
    sender = await _sender(delivery.key)
    batch = Arrived(sender=sender, delivery=delivery, received_at=received_at, path=request.path)
    size = sum(len(draft.props) for draft in delivery.drafts) + len(body)
    return _report(delivery, await writer.store(batch, size=size))


class _Held:
    """What the bodies of requests under way may take of the memory, all together; the others are told to wait."""

    all = 0

    def __init__(self) -> None:
        self._mine = 0

    def take(self, size: int) -> None:
        """Room for so many more bytes; raises WriterFull when there is none."""
        if _Held.all + size > _MOST_READING:
            raise WriterFull
        _Held.all += size
        self._mine += size

    def free(self) -> None:
        """Give it back."""
        _Held.all -= self._mine
        self._mine = 0


async def _read(headers: dict[str, str], receive: Receive, held: _Held) -> bytes:
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:12]) > MAX_BODY:
        raise BadRequest(413, f"The body is larger than {MAX_BODY // 2**20} MB.", step="limit")
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        held.take(len(chunks[-1]))
        if size > MAX_BODY:
            raise BadRequest(413, f"The body is larger than {MAX_BODY // 2**20} MB.", step="limit")
        more = message.get("more_body", False)
    if not size:
        raise BadRequest(400, "The body is empty.")
    return b"".join(chunks)


async def _sender(key: str | None) -> Sender:
    if key is None:
        raise BadRequest(401, "The request has no write key.", step="authenticate")
    found = _key_ring.remembered(key) or await asyncio.to_thread(_key_ring.sender, key)
    if found is None:
        raise BadRequest(401, "The write key is unknown or revoked.", step="authenticate")
    return found


def _report(delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
    return {
        "status": 1,
        "accepted": outcome.stored,
        "duplicates": outcome.duplicates,
        "rejected": [
            {"index": one.index, "step": one.step, "code": one.code, "reason": one.reason}
            for one in delivery.rejections
        ],
    }


def _cors(headers: dict[str, str]) -> dict[str, str]:
    """Browsers on any origin may send: a write key is no secret and no cookie is looked at."""
    origin = headers.get("origin")
    if origin is None:
        return {}
    asked = headers.get("access-control-request-headers", "content-type, content-encoding, authorization")
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-allow-headers": asked,
        "access-control-max-age": "86400",
        "vary": "origin",
    }


async def _answer(send: Send, status: int, answer: dict[str, Any] | None, headers: dict[str, str]) -> None:
    body = b"" if answer is None else _encoded(answer)
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    lines.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": _ALWAYS + lines})
    await send({"type": "http.response.body", "body": body})


_ALWAYS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


def _encoded(answer: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(answer)
    except UnicodeEncodeError:  # half a character in a reason
        return json.dumps(answer).encode()
