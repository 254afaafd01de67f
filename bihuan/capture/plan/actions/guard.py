"""Arriving events against the plan, many at once: a look-up per name, a count per breach, a write every two seconds."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from bihuan.base.meters import counter
from bihuan.capture.plan.models import PlanBreach
from bihuan.capture.plan.queries import blocking_sources, plans
from bihuan.capture.plan.rules import Breach, Event, breaches_of_name, breaches_of_properties

_FRESH = timedelta(seconds=2)
_MOST_BREACHES = 2_000  # of one source: a sender that makes up names must not fill the memory or the table
_TOTAL = counter(
    "bihuan_plan_breaches_total",
    "Events and properties against the tracking plan.",
    labels=("source", "kind"),
)
_WORDS = {
    "unplanned_event": "The event is not in the tracking plan.",
    "deprecated_event": "The tracking plan says that this event should come no more.",
    "missing_property": "The tracking plan requires the property {0!r}.",
    "wrong_type": "The property {0!r} has another type than the tracking plan says.",
    "deprecated_property": "The tracking plan says that the property {0!r} should come no more.",
    "unplanned_property": "The property {0!r} is not in the tracking plan.",
}
Refused = dict[int, tuple[str, str]]


class Guard:
    """Use one per process (`get_guard()`). Safe in many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: dict[int, dict[str, Event]] = {}
        self._blocking: set[int] = set()
        self._until: datetime | None = None
        self._counts: Counter[tuple[int, int, str, str, str]] = Counter()
        self._last: datetime | None = None

    def forget(self) -> None:
        """Read the plan again at the next look."""
        with self._lock:
            self._until = None

    def refused(
        self,
        *,
        source_id: int,
        source: str,
        product_id: int,
        names: Sequence[Any],
        props: Sequence[bytes],
        at: datetime,
    ) -> Refused:
        """Position → code and reason of what a blocking source must not send; every breach is counted."""
        with self._lock:
            self._refresh(at)
            plan = self._plans.get(product_id)
            if not plan:
                return {}
            blocks = source_id in self._blocking
            found: Refused = {}
            for name, number in Counter(names).items():
                planned = plan.get(name)
                by_name = breaches_of_name(name, planned)
                for kind, _property in by_name:
                    self._count(source_id, source, product_id, kind, name, "", number)
                if by_name and blocks:
                    found |= {n: _words(by_name[0]) for n, one in enumerate(names) if one == name}
                elif planned is not None and planned.properties:
                    places = (
                        [n for n, one in enumerate(names) if one == name] if blocks else [names.index(name)]
                    )
                    for n in places:
                        breaches = _of_properties(props[n], planned)
                        for kind, key in breaches:
                            self._count(source_id, source, product_id, kind, name, _storable(key), 1)
                        if breaches and blocks:
                            found[n] = _words(breaches[0])
            return found

    def write_when_due(self, *, at: datetime) -> None:
        """Add the counts to the table when the last time is long enough ago."""
        if self._counts and (self._last is None or not self._last <= at < self._last + _FRESH):
            self.write(at=at)

    def write(self, *, at: datetime) -> None:
        """Add the counts to the table."""
        with self._lock:
            counts, self._counts, self._last = self._counts, Counter(), at
        with transaction.atomic():
            for (source_id, product_id, kind, name, key), events in sorted(counts.items()):
                which = {"source_id": source_id, "kind": kind, "name": name, "property": key}
                if PlanBreach.objects.filter(**which).update(events=F("events") + events, last_seen_at=at):
                    continue
                if PlanBreach.objects.filter(source_id=source_id).count() >= _MOST_BREACHES:
                    continue
                try:
                    with transaction.atomic():
                        PlanBreach.objects.create(
                            **which, product_id=product_id, events=events, first_seen_at=at, last_seen_at=at
                        )
                except IntegrityError:
                    continue  # another process was first, or the source is gone

    def _refresh(self, at: datetime) -> None:
        if self._until is None or not self._until - _FRESH <= at < self._until:
            self._plans, self._blocking, self._until = plans(), blocking_sources(), at + _FRESH

    def _count(
        self, source_id: int, source: str, product_id: int, kind: str, name: str, key: str, number: int
    ) -> None:
        _TOTAL.labels(source, kind).inc(number)
        what = (source_id, product_id, kind, name, key)
        if what in self._counts or len(self._counts) < _MOST_BREACHES:
            self._counts[what] += number


def _of_properties(props: bytes, planned: Event) -> list[Breach]:
    try:
        value = msgspec.json.decode(props)
    except (msgspec.DecodeError, RecursionError):
        return []
    return breaches_of_properties(value, planned) if isinstance(value, dict) else []


def _storable(key: str) -> str:
    """A name that every database takes."""
    return key.replace("\0", "").encode("utf-8", "replace").decode()[:200]


def _words(breach: Breach) -> tuple[str, str]:
    kind, key = breach
    return kind, _WORDS[kind].format(key[:100])


_guard: Guard | None = None


def get_guard() -> Guard:
    """The guard of this process."""
    global _guard
    if _guard is None:
        _guard = Guard()
    return _guard
