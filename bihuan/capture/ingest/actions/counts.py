"""Where events end: counted by step, source and code, for `/metrics` at once and for pages every few seconds."""

import threading
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from bihuan.base.meters import counter
from bihuan.capture.ingest.models import StepCount

_WRITE_EVERY = timedelta(seconds=5)
_ENDED = counter(
    "bihuan_capture_events_total", "Events by the step at which they ended: commit/stored, deduplicate/duplicate, or a "
    "step that rejected them.", labels=("source", "step", "code"),
)  # fmt: skip
_REFUSED = counter(
    "bihuan_capture_refused_requests_total", "Whole requests that were refused.", labels=("step", "status")
)
Ended = Counter[tuple[int, str, str, str]]


class Counts:
    """Use one per process (`get_counts()`). Safe in many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Counter[tuple[int | None, str, str]] = Counter()
        self._last: datetime | None = None

    def add(self, ended: Ended) -> None:
        """So many events, by source id and code, step and code of the step."""
        with self._lock:
            for (source_id, source, step, code), events in ended.items():
                _ENDED.labels(source, step, code).inc(events)
                self._waiting[source_id, step, code] += events

    def refuse(self, *, step: str, status: int) -> None:
        """One whole request, whoever sent it."""
        with self._lock:
            _REFUSED.labels(step, str(status)).inc()
            self._waiting[None, step, f"http_{status}"] += 1

    def write_when_due(self, *, at: datetime) -> None:
        """Add to the table when the last time is long enough ago."""
        if self._waiting and (self._last is None or not self._last <= at < self._last + _WRITE_EVERY):
            self.write(at=at)

    def write(self, *, at: datetime) -> None:
        """Add what was counted to the hour of `at`."""
        with self._lock:
            waiting, self._waiting, self._last = self._waiting, Counter(), at
        hour = at.replace(minute=0, second=0, microsecond=0)
        with transaction.atomic():
            for (source_id, step, code), events in waiting.items():
                which = {"hour": hour, "source_id": source_id, "step": step, "code": code}
                if not StepCount.objects.filter(**which).update(events=F("events") + events):
                    StepCount.objects.create(**which, events=events)


_counts = Counts()


def get_counts() -> Counts:
    """The counts of this process."""
    return _counts
