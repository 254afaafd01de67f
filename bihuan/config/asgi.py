"""The one ASGI callable: capture paths go raw, everything else to Django's WSGI handler in threads.

Measured: Django under ASGI pays many thread hops through sync middleware; under a2wsgi it does not.
The lifespan starts and stops what runs beside the pages: the capture writer, the event index, the worker.
"""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

django_app = get_wsgi_application()

from django.conf import settings

from bihuan.base.jobs.worker import Worker
from bihuan.capture import ingest, presence
from bihuan.config.requests import with_ids

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
GARBAGE_THRESHOLDS = (20_000, 20, 50)
# Pages hold the interpreter while they are made: more threads than cores only make each of them wait longer.
THREADS = int(os.environ.get("BIHUAN_THREADS", str(min(8, max(2, os.cpu_count() or 2)))))
wsgi: Any = django_app
pages: Any = WSGIMiddleware(wsgi, workers=THREADS)


class Background:
    """What lives as long as the server does."""

    def __init__(self) -> None:
        self.worker: Worker | None = None

    async def start(self) -> None:
        """Start capture first, so that nothing the worker does arrives before the store is open.

        What start-up made stays for good: the collector need not walk it again and again while pages are made.
        """
        if settings.ROLE in ("all", "capture", "worker"):
            await ingest.start()
        if settings.ROLE in ("all", "worker"):
            self.worker = Worker()
            self.worker.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)

    async def stop(self) -> None:
        """Finish what was accepted, then close the store."""
        if self.worker:
            await asyncio.to_thread(self.worker.stop)
        if settings.ROLE in ("all", "capture", "worker"):
            await ingest.stop()


background = Background()


async def route(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by kind and path."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif (
        scope["type"] == "http"
        and ingest.is_capture(path=scope["path"], method=scope["method"])
        and settings.ROLE in ("all", "capture")
    ):
        await ingest.capture_app(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == presence.LIVE_PATH and settings.ROLE in ("all", "web"):
        await presence.live_app(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == "/healthz":
        await alive(send)
    elif scope["type"] == "http":
        await pages(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1000})


async def alive(send: Send) -> None:
    """200 as long as the process answers at all; it asks nothing of anybody."""
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok\n"})


async def lifespan(receive: Receive, send: Send) -> None:
    """Start and stop with the server; a failure to start is said, and stops the server."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await background.start()
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await background.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def kind_of(path: str) -> str:
    """What kind of request the metrics count it as."""
    if path in ingest.CAPTURE_PATHS:
        return "capture"
    if path == presence.LIVE_PATH:
        return "live"
    return "api" if path.startswith("/api/") else "static" if path.startswith("/static/") else "page"


application = with_ids(route, kind_of=kind_of)
