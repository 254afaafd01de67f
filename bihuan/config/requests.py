"""Around every request: an id, how long it took, and a line in the log. Queries and secrets in addresses are not written."""

import logging
from collections.abc import Awaitable, Callable
from functools import cache
from time import perf_counter
from typing import Any

from bihuan.base.logs import new_request_id, request_id
from bihuan.base.meters import histogram

Scope = dict[str, Any]
Message = dict[str, Any]
App = Callable[
    [Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
log = logging.getLogger("bihuan.requests")
HEADER = b"x-request-id"
SECONDS = histogram(
    "bihuan_request_seconds", "Time from the first byte to the last of the answer.", labels=("kind", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip


def with_ids(app: App, *, kind_of: Callable[[str], str]) -> App:
    """The same application; each answer carries `X-Request-Id`, each request is measured under `kind_of(path)`."""

    async def measured(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == HEADER), b"")
        name = new_request_id(given.decode("latin-1"))
        request_id.set(name)
        kind, start, status = kind_of(scope["path"]), perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, name.encode())]
            await send(message)

        try:
            await app(scope, receive, answer)
        finally:
            took = perf_counter() - start
            _seconds(kind, status // 100).observe(took)
            if log.isEnabledFor(logging.INFO):
                log.info("%s %s %s %.1f ms", scope["method"], route(scope["path"]), status, 1000 * took,
                         extra={"method": scope["method"], "route": route(scope["path"]), "status": status,
                                "ms": round(1000 * took, 1)})  # fmt: skip

    return measured


@cache
def _seconds(kind: str, hundreds: int) -> Any:
    """The histogram of one kind and class of status: looking it up costs more than counting."""
    return SECONDS.labels(kind, f"{hundreds}xx")


def route(path: str) -> str:
    """The address as the log may keep it: a part that is long enough to be a secret is cut."""
    return "/".join(part if len(part) < 24 else f"{part[:4]}…" for part in path.split("/"))[:200]
