"""A question under way, seen from another thread: how far it is, and a way to end it.

with watched(Watch()) as watch:
    store.execute(...)  # meanwhile another thread calls watch.progress() or watch.cancel()
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from bihuan.capture.store.errors import Cancelled

_AGAIN_SECONDS, _MOST_SECONDS = 0.02, 2.0


class Watch:
    """Of one question. `of` is how many statements or steps it has, as far as is known."""

    def __init__(self) -> None:
        self.cancelled = False
        self._lock = threading.Lock()
        self._interrupt: Callable[[], object] | None = None
        self._part: Callable[[], float | None] | None = None
        self._done, self._of = 0, 1

    def expect(self, of: int) -> None:
        """So many more steps follow."""
        self._of = max(1, self._done + of)

    def step(self) -> None:
        """One step is done; raises Cancelled when nobody wants the next."""
        self._done += 1
        self.check()

    def check(self) -> None:
        """Raise Cancelled when the question was cancelled."""
        if self.cancelled:
            raise Cancelled

    def progress(self) -> float | None:
        """How far it is, from 0 to 1; None when that cannot be told."""
        with self._lock:
            part = self._part
        inside = None
        if part is not None:
            with suppress(Exception):  # it ended meanwhile
                inside = part()
        if inside is None and self._of == 1:
            return None
        return min(1.0, (self._done + (inside or 0.0)) / self._of)

    def cancel(self) -> None:
        """End it: the statement under way is interrupted, the next one does not begin. Returns within two seconds."""
        self.cancelled = True
        until = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < until:
            with self._lock:  # held, so that only this question's statement can be met
                if self._interrupt is None:
                    return
                with suppress(Exception):
                    self._interrupt()
            time.sleep(_AGAIN_SECONDS)  # an engine forgets an interrupt that came before it had begun

    @contextmanager
    def statement(
        self, *, interrupt: Callable[[], object], progress: Callable[[], float | None]
    ) -> Iterator[None]:
        """While it lasts, that is how to interrupt and to look. Raises Cancelled whatever the engine made of it."""
        self.check()
        with self._lock:
            self._interrupt, self._part = interrupt, progress
        try:
            yield
        except Exception:
            self.check()
            raise
        finally:
            with self._lock:
                self._interrupt = self._part = None
        self.check()


_current: ContextVar[Watch | None] = ContextVar("watch", default=None)


def current_watch() -> Watch | None:
    """The watch of the question that this thread asks, if somebody watches it."""
    return _current.get()


@contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """What this thread asks meanwhile is under this watch."""
    token = _current.set(watch)
    try:
        yield watch
    finally:
        _current.reset(token)
