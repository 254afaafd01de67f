"""Counting events whose account key no account has, without a write for each."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from bihuan.capture.identity.models import UnknownAccount

_WRITE_EVERY = timedelta(seconds=2)
_MAX_KEYS = 10_000
_KEY_LENGTH = 120


class UnknownCounts:
    """Counts by product and key; a key is written when it is first seen, then every two seconds."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str], int] = {}
        self._seen: dict[tuple[int, str], datetime] = {}
        self._written: set[tuple[int, str]] = set()
        self._next: datetime | None = None

    def add(self, *, product_id: int, key: str, at: datetime, events: int = 1) -> None:
        """So many more events with that key."""
        pair = (product_id, key[:_KEY_LENGTH])
        self._counts[pair] = self._counts.get(pair, 0) + events
        self._seen[pair] = at

    def write_when_due(self, *, at: datetime) -> None:
        """Write when there is a key never written, or when the last time is long enough ago."""
        if not self._counts:
            return
        if self._next is None or at >= self._next or not self._written.issuperset(self._counts):
            self._next = at + _WRITE_EVERY
            self.write()

    def write(self) -> None:
        """Add the counts to the table in one transaction."""
        with transaction.atomic():
            for (product_id, key), events in sorted(self._counts.items()):
                at = self._seen[product_id, key]
                row = UnknownAccount.objects.filter(product_id=product_id, key=key)
                if not row.update(events=F("events") + events, last_seen_at=at):
                    UnknownAccount.objects.create(
                        product_id=product_id, key=key, events=events, first_seen_at=at, last_seen_at=at
                    )
        self._written.update(self._counts)
        if len(self._written) > _MAX_KEYS:
            self._written.clear()
        self._counts.clear()
        self._seen.clear()
