"""One thread that keeps the index close behind the log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_RETRY_SECONDS = (0.2, 1.0, 5.0, 15.0)


class Applier:
    """Calls `step` until it returns False (nothing left), then again when woken or after half a second.

    Between two steps it rests so many seconds: what arrives meanwhile becomes one larger, cheaper transaction.
    """

    def __init__(
        self, *, step: Callable[[], bool], failed: Callable[[Exception], None], rest: float = 0.1
    ) -> None:
        self._step, self._failed, self._rest = step, failed, rest
        self._wake, self._hurry, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="event-applier", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new: do not wait for the next look."""
        self._wake.set()

    def hurry(self) -> None:
        """Somebody waits for what is new: do not rest."""
        self._hurry.set()
        self._wake.set()

    def stop(self) -> None:
        """Return when the step under way, if any, has ended."""
        self._stop.set()
        self.hurry()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            self._wake.clear()
            try:
                while not self._stop.is_set() and self._step():
                    self._hurry.wait(self._rest)
                    self._hurry.clear()
                failures = 0
            except Exception as error:
                logger.exception("The event index did not take a group; trying again.")
                self._failed(error)
                self._stop.wait(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1
                continue
            self._wake.wait(_POLL_SECONDS)
