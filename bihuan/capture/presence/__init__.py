"""Who is online now, told live to everyone who looks."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bihuan.capture.presence.rules import LIVE_PATH

__all__ = ["LIVE_PATH", "live_app", "stop"]

# The work is imported when it is first needed: Django loads this package before its models are ready.


async def live_app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer one viewer with server-sent events."""
    from bihuan.capture.presence.api.live import live_app as answer

    await answer(scope, receive, send)


def stop() -> None:
    """End every stream, so that a stop of the server waits for nobody; safe from a signal handler.

    Nothing is imported: a signal may come while some thread is in the middle of importing just that, and where it is not there
    yet nobody looks.
    """
    hub = getattr(sys.modules.get(f"{__name__}.api.live"), "hub", None)
    if hub is not None:
        hub.stop()
