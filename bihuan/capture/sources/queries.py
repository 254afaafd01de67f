"""Reads about sources."""

import threading
import time
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from bihuan.base.access import Actor
from bihuan.capture.sources.models import Source
from bihuan.capture.sources.rules import TIMES_USUAL, Rhythm, hash_of
from bihuan.capture.store import get_store

_FRESH_SECONDS = 1.0
_ASK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sent an event: the source behind a write key."""

    source_id: int
    code: str
    product_id: int


class KeyRing:
    """The active write keys in memory, at most a second old; safe to ask from many threads."""

    def __init__(self) -> None:
        self._senders: dict[str, Sender] = {}
        self._loaded = float("-inf")
        self._lock = threading.Lock()

    def remembered(self, key: str) -> Sender | None:
        """The sender, when the ring is fresh and knows the key; asks no database."""
        if time.monotonic() - self._loaded > _FRESH_SECONDS:
            return None
        return self._senders.get(hash_of(key))

    def sender(self, key: str) -> Sender | None:
        """The sender; None for an unknown or revoked key. May ask the database: a key just added works."""
        found = self.remembered(key)
        if found is None:
            with self._lock:
                if time.monotonic() - self._loaded > _ASK_AGAIN_SECONDS:
                    self._load()
            found = self._senders.get(hash_of(key))
        return found

    def _load(self) -> None:
        rows = Source.objects.filter(active=True, key_hash__isnull=False, product__isnull=False)
        self._senders = {
            key_hash: Sender(source_id=pk, code=code, product_id=product_id)
            for pk, code, product_id, key_hash in rows.values_list("pk", "code", "product_id", "key_hash")
            if key_hash is not None
        }
        self._loaded = time.monotonic()


def days_to_keep() -> dict[int, int]:
    """For how many days events are kept, by source; those kept for ever are left out."""
    return dict(Source.objects.filter(keep_days__gt=0).values_list("pk", "keep_days"))


def source_names() -> dict[int, str]:
    """The name of every source by its id."""
    return dict(Source.objects.values_list("pk", "name"))


def sources_for(*, actor: Actor) -> list[Source]:
    """Every source with its product, for those who may see them."""
    if not actor.may("sources.view"):
        return []
    return list(Source.objects.select_related("product"))


def events_by_day(*, source_id: int, since: date) -> list[tuple[date, int]]:
    """Events of a source on each day of the organisation's calendar; days without any left out."""
    table = get_store().execute(
        "SELECT day, count(*) AS n FROM events WHERE source_id = ? AND day >= ? GROUP BY day ORDER BY day",
        [source_id, since],
    )
    return [(row["day"], row["n"]) for row in table.to_pylist()]


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A source that used to send and is quiet: since when, and its usual longest pause at that hour in seconds."""

    source_id: int
    code: str
    name: str
    since: datetime
    usual_seconds: float


def silent_sources(*, at: datetime) -> list[Silence]:
    """Active sources that have been quiet for longer than is usual, the longest quiet first."""
    rows = Source.objects.filter(active=True, kind=Source.Kind.PRODUCT, last_seen_at__lt=at).order_by(
        "last_seen_at"
    )
    found = []
    for source in rows:
        if source.last_seen_at is None:
            continue
        limit = Rhythm.from_json(source.rhythm).limit(before=localtime(source.last_seen_at))
        if limit is not None and (at - source.last_seen_at).total_seconds() > limit:
            found.append(Silence(source_id=source.pk, code=source.code, name=source.name, since=source.last_seen_at,
                                 usual_seconds=round(limit / TIMES_USUAL, 1)))  # fmt: skip
    return found
