"""Server-sent events: each viewer is told when the numbers of their territory changed, and nothing else.

One task asks for all viewers; viewers of one territory share the text. A viewer costs a coroutine and no thread.
A stream ends by itself after some minutes; the browser comes back, and is asked anew who it is.
"""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.capture.presence.queries import online_for

log = logging.getLogger(__name__)
TICK_SECONDS, HEARTBEAT_SECONDS, STREAM_SECONDS = 5.0, 20.0, 600.0
MOST_VIEWERS = 5_000
PERMISSION = "presence.view"
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
           (b"x-accel-buffering", b"no")]  # fmt: skip


@dataclass(eq=False)
class Room:
    """Viewers of one territory: what they were told last, and the bell that wakes them."""

    actor: Actor
    viewers: int = 0
    text: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, text: str) -> None:
        """Wake everybody when there is something new."""
        if text != self.text:
            self.text = text
            self.changed.set()
            self.changed = asyncio.Event()


class Hub:
    """Everybody who looks now."""

    def __init__(self) -> None:
        self._rooms: dict[Hashable, Room] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="presence")

    @property
    def viewers(self) -> int:
        """How many streams are open."""
        return sum(room.viewers for room in self._rooms.values())

    @property
    def stopping(self) -> bool:
        """Whether the server is on its way out."""
        return self._stopping

    async def who(self, cookies: str) -> Actor | None:
        """The signed-in member of staff behind these cookies."""
        return await asyncio.get_running_loop().run_in_executor(self._asker, _ask_anew, cookies)

    def enter(self, actor: Actor) -> Room:
        """Join the viewers of the same territory; the first of all starts the asking."""
        key = (actor.reach, actor.user_id if actor.reach == "own" else None, actor.team_id if actor.reach == "team" else None,
               actor.region_ids)  # fmt: skip
        room = self._rooms.setdefault(key, Room(actor))
        room.viewers += 1
        self._loop = asyncio.get_running_loop()
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._ask())
        return room

    def leave(self, room: Room) -> None:
        """The last of all ends the asking."""
        room.viewers -= 1
        if not room.viewers:
            self._rooms = {key: one for key, one in self._rooms.items() if one is not room}

    def stop(self) -> None:
        """End every stream; from any thread, and from a signal handler."""
        self._stopping = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for room in self._rooms.values():
            room.changed.set()

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        while self._rooms and not self._stopping:
            for room in list(self._rooms.values()):
                try:
                    text = await loop.run_in_executor(self._asker, _numbers, room.actor)
                except Exception:  # one failure must not leave everybody without news for good
                    log.exception("Presence could not be asked; the next turn tries again.")
                    text = ""
                if text:
                    room.tell(text)
            await asyncio.sleep(TICK_SECONDS)


hub = Hub()


async def live_app(scope: Scope, receive: Receive, send: Send) -> None:
    """One stream: 401 when signed out, 403 without the permission, 503 when there are too many."""
    cookies = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"), "")
    actor = await hub.who(cookies) if scope["method"] == "GET" else None
    refused = 401 if actor is None else 0 if actor.may(PERMISSION) else 403
    if scope["method"] != "GET":
        refused = 405
    elif not refused and (hub.stopping or hub.viewers >= MOST_VIEWERS):
        refused = 503
    if refused or actor is None:
        more = [(b"retry-after", b"30")] if refused == 503 else []
        await send(
            {"type": "http.response.start", "status": refused, "headers": [(b"content-length", b"0"), *more]}
        )
        await send({"type": "http.response.body", "body": b""})
        return
    room = hub.enter(actor)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await _stream(room, gone, send)
    finally:
        gone.cancel()
        hub.leave(room)


async def _stream(room: Room, gone: "asyncio.Future[Any]", send: Send) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + STREAM_SECONDS * random.uniform(0.8, 1.2)  # so that not all return at once
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    told = ""
    body = b"retry: 5000\n\n"
    while True:
        if room.text != told:
            told = room.text
            body += f"event: presence\ndata: {told}\n\n".encode()
        ended = gone.done() or hub.stopping or loop.time() >= until
        await send(
            {"type": "http.response.body", "body": body or b": still here\n\n", "more_body": not ended}
        )
        if ended:
            return
        body = b""
        if room.text == told:
            bell: asyncio.Future[Any] = asyncio.ensure_future(room.changed.wait())
            await asyncio.wait([bell, gone], timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            bell.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _numbers(actor: Actor) -> str:
    """What the viewers of a territory are told; empty while the store cannot be asked."""
    close_old_connections()
    people = online_for(actor=actor, at=timezone.now())
    if people is None:
        return ""
    accounts = {one.account_id for one in people} - {None}
    return json.dumps({"people": len(people), "accounts": len(accounts)})


def _ask_anew(cookies: str) -> Actor | None:
    """The asker's own connection may be hours old, and no request of Django's looks after it."""
    close_old_connections()
    return _who(cookies)


def _who(cookies: str) -> Actor | None:
    """As the session middleware does it, for a request that Django never sees."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value if morsel else None)
    user: Any = get_user(request)
    if not user.is_authenticated or not user.is_active:
        return None
    actor: Actor = user.actor()
    return actor
