"""Answers that are kept for some seconds, so that many who want to know the same thing ask once."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

MOST = 500


class Kept:
    """Answers of this process by key. None is an answer that is not kept: whoever comes next asks again."""

    def __init__(self) -> None:
        self._memory: dict[str, tuple[float, Any]] = {}
        self._asking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: str, seconds: float, find: Callable[[], Any]) -> Any:
        """What `find` said less than that many seconds ago; only one of those who want to know asks."""
        with self._lock:
            if len(self._memory) > MOST:
                self._memory.clear()
                self._asking.clear()
            mine = self._asking.setdefault(key, threading.Lock())
        with mine:
            found = self._memory.get(key)
            if found is None or monotonic() - found[0] > seconds:
                found = (monotonic(), find())
                if found[1] is not None:
                    self._memory[key] = found
            return found[1]

    def forget(self) -> None:
        """Ask anew next time."""
        with self._lock:
            self._memory.clear()
