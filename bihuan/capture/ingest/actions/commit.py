"""Batches become stored events: who and where, then one durable append for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from bihuan.capture.identity.actions import Resolved, Sighting, get_resolver
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.ingest.rules.draft import Delivery, Draft
from bihuan.capture.sources.actions import mark_seen
from bihuan.capture.sources.queries import Sender
from bihuan.capture.store import EVENTS, get_store

_SEEN_EVERY = timedelta(seconds=10)
_seen: dict[int, datetime] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """A request's events after the steps: who sent them and when we got them."""

    sender: Sender
    delivery: Delivery
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a batch: events stored now, and events that had been stored before."""

    stored: int
    duplicates: int


def store_batches(batches: Sequence[Arrived]) -> list[Outcome]:
    """Store the good events of all batches in one commit and keep the rejected ones; durable on return."""
    _keep_rejections(batches)
    resolved = _resolve(batches)
    table = _table(batches, resolved)
    _mark_seen(batches)
    if not table.num_rows:
        return [Outcome(stored=0, duplicates=0) for _batch in batches]
    appended = get_store().append(table)
    known = set(appended.duplicates)
    outcomes, start = [], 0
    for batch in batches:
        size = len(batch.delivery.drafts)
        twice = sum(1 for row in range(start, start + size) if row in known) if known else 0
        outcomes.append(Outcome(stored=size - twice, duplicates=twice))
        start += size
    return outcomes


def _resolve(batches: Sequence[Arrived]) -> list[Resolved]:
    """One answer per draft in order; the batches of one product are asked together."""
    answers: list[list[Resolved]] = [[] for _batch in batches]
    products: dict[int, list[int]] = {}
    for position, batch in enumerate(batches):
        products.setdefault(batch.sender.product_id, []).append(position)
    for product_id, positions in products.items():
        sightings = [
            _sighting(draft) for position in positions for draft in batches[position].delivery.drafts
        ]
        at = max(batches[position].received_at for position in positions)
        found = iter(get_resolver().resolve(product_id=product_id, sightings=sightings, at=at))
        for position in positions:
            answers[position] = [next(found) for _draft in batches[position].delivery.drafts]
    return [answer for batch in answers for answer in batch]


def _sighting(draft: Draft) -> Sighting:
    assert draft.ts is not None
    return Sighting(
        distinct_id=draft.distinct_id if draft.person else None,
        ts=draft.ts,
        company=draft.company,
        same_as=draft.same_as,
        identified=draft.identified,
        set=draft.set,
        set_once=draft.set_once,
    )


def _table(batches: Sequence[Arrived], resolved: Sequence[Resolved]) -> pa.Table:
    drafts = [draft for batch in batches for draft in batch.delivery.drafts]
    senders = [(batch, len(batch.delivery.drafts)) for batch in batches]
    columns = {
        "event_id": [draft.event_id for draft in drafts],
        "source_id": [batch.sender.source_id for batch, size in senders for _row in range(size)],
        "name": [draft.name for draft in drafts],
        "ts": [draft.ts for draft in drafts],
        "received_at": [batch.received_at for batch, size in senders for _row in range(size)],
        "distinct_id": [draft.distinct_id for draft in drafts],
        "person_id": [answer.person_id for answer in resolved],
        "account_id": [answer.account_id for answer in resolved],
        "product_id": [batch.sender.product_id for batch, size in senders for _row in range(size)],
        "props": [draft.props for draft in drafts],
    }
    return pa.table([pa.array(columns[field.name], field.type) for field in EVENTS], schema=EVENTS)


def _keep_rejections(batches: Sequence[Arrived]) -> None:
    RejectedEvent.objects.bulk_create(
        [
            RejectedEvent(
                source_id=batch.sender.source_id,
                at=batch.received_at,
                step=rejection.step,
                code=rejection.code,
                reason=_storable(rejection.reason)[:300],
                position=rejection.index,
                name=_storable(rejection.name)[:200],
                distinct_id=_storable(rejection.distinct_id)[:255],
                body=_storable(rejection.body),
            )
            for batch in batches
            for rejection in batch.delivery.rejections
        ],
        batch_size=2_000,
    )


def _storable(text: str) -> str:
    """Text that every database takes: no NUL, no half characters."""
    return text.replace("\0", "\\0").encode("utf-8", "replace").decode()


def _mark_seen(batches: Sequence[Arrived]) -> None:
    newest = {batch.sender.source_id: batch.received_at for batch in batches if batch.delivery.drafts}
    due = {
        source: at
        for source, at in newest.items()
        if source not in _seen or at - _seen[source] >= _SEEN_EVERY
    }
    if due:
        mark_seen(source_ids=due, at=max(due.values()))
        _seen.update(due)
