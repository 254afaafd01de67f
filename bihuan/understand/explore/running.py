"""Questions under way in this process: who asks them, how far they are, and a way to end them."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from bihuan.base.access import Actor
from bihuan.capture.store import Watch, current_watch, watched
from bihuan.understand.engine.answer import QuestionError

#: How a page or program may call its question: it makes the name up itself, to know it before the answer comes.
NAME_PATTERN = r"^[A-Za-z0-9_-]{8,64}$"
LONG_SECONDS = (
    3.0  # a dashboard may ask many short questions at once; only what lasts is in the way of others
)


@dataclass(frozen=True, kw_only=True)
class Running:
    """One of them; `began` is a moment of the monotonic clock."""

    name: str
    kind: str
    watch: Watch
    began: float = field(default_factory=time.monotonic)

    def document(self) -> dict[str, Any]:
        """As pages and programs see it: progress from 0 to 1, or None while that cannot be told."""
        return {"name": self.name, "kind": self.kind, "seconds": round(time.monotonic() - self.began, 1),
                "progress": self.watch.progress()}  # fmt: skip


class TooMany(QuestionError):
    """Somebody has as many long questions under way as one may have: `running`, the oldest first."""

    def __init__(self, running: list[Running]) -> None:
        self.running = running
        told = ", ".join(f"{one.name} ({one.kind}, {time.monotonic() - one.began:.0f} s)" for one in running)
        super().__init__(
            "question", f"so many long questions of yours are under way: {told}; stop one of them or wait"
        )


_running: dict[tuple[int | None, str], Running] = {}
_lock = threading.Lock()


@contextmanager
def under_way(*, name: str, kind: str, actor: Actor) -> Iterator[None]:
    """What this thread asks meanwhile can be seen and ended by the same actor under this name ("": one is made up).

    A second question under the name of one that is still under way ends the first. TooMany when the actor has
    QUESTIONS_AT_ONCE long ones under way already. What a question asks on its way is a part of it; what no person asks is
    seen only under a name, and never refused.
    """
    if not name and (actor.user_id is None or current_watch() is not None):
        yield
        return
    if not name:
        name = secrets.token_urlsafe(9)
    key, one = (actor.user_id, name), Running(name=name, kind=kind, watch=Watch())
    with _lock:
        before = _running.get(key)
        if before is None:
            _refuse_too_many(actor)
        _running[key] = one
    if before is not None:
        before.watch.cancel()
    try:
        with watched(one.watch):
            yield
    finally:
        with _lock:
            if _running.get(key) is one:
                del _running[key]


def _refuse_too_many(actor: Actor) -> None:
    """Called with the lock held."""
    most, now = settings.QUESTIONS_AT_ONCE, time.monotonic()
    if actor.user_id is None or not most:
        return
    long = [one for (user_id, _name), one in _running.items()
            if user_id == actor.user_id and now - one.began >= LONG_SECONDS]  # fmt: skip
    if len(long) >= most:
        raise TooMany(sorted(long, key=lambda one: one.began))


def running_of(*, actor: Actor) -> list[Running]:
    """The actor's own, the oldest first."""
    with _lock:
        own = [one for (user_id, _name), one in _running.items() if user_id == actor.user_id]
    return sorted(own, key=lambda one: one.began)


def find_running(*, name: str, actor: Actor) -> Running | None:
    """The actor's question of that name; None when it is not under way (any more)."""
    with _lock:
        return _running.get((actor.user_id, name))
