"""Which days new events touch, so that an answer about other days can be kept."""

from __future__ import annotations

import threading
from bisect import bisect_right
from datetime import date


class Touched:
    """Remembers, for every place of the log since `since`, the earliest day that was touched from there on.

    Events mostly come in the order of time, so the memory is a few entries: an entry is dropped when a later one
    touches an earlier day.
    """

    def __init__(self, *, since: int) -> None:
        self._since = since
        self._seqs: list[int] = []
        self._days: list[date] = []
        self._lock = threading.Lock()

    def note(self, *, seq: int, first: date) -> None:
        """The pieces up to `seq` touched days from `first` on; `date.min` says any day, as a correction does."""
        with self._lock:
            while self._days and self._days[-1] >= first:
                self._days.pop()
                self._seqs.pop()
            self._seqs.append(seq)
            self._days.append(first)

    def after(self, seq: int, *, until: date) -> bool:
        """Whether what came after `seq` may have touched a day up to `until`; True when that is not known."""
        with self._lock:
            if seq < self._since:
                return True
            at = bisect_right(self._seqs, seq)
            return at < len(self._days) and self._days[at] <= until
