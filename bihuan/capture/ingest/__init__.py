"""The door for events: a raw ASGI app beside Django, with a writer that lives as long as the server."""

from collections.abc import Awaitable, Callable
from typing import Any

from bihuan.capture.ingest.rules.paths import CAPTURE_PATHS, is_capture

__all__ = ["CAPTURE_PATHS", "capture_app", "is_capture", "start", "stop"]

# The work is imported when it is first needed: Django loads this package before its models are ready.


async def capture_app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer one request to one of CAPTURE_PATHS."""
    from bihuan.capture.ingest.api.asgi import capture_app as answer

    await answer(scope, receive, send)


async def start() -> None:
    """Own the event index and begin to take events; raises StoreOwned when another server has it."""
    from bihuan.capture.ingest.actions.writer import start_writer

    await start_writer()


async def stop() -> None:
    """Take no more, finish what was accepted, close the store."""
    from bihuan.capture.ingest.actions.writer import stop_writer

    await stop_writer()
