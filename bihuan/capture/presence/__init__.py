"""Who is online now, told live to everyone who looks."""

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
    """End every stream, so that a stop of the server waits for nobody; safe from a signal handler."""
    from bihuan.capture.presence.api.live import hub

    hub.stop()
