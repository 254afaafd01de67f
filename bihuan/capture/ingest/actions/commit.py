"""Groups of requests become stored events: who, where, then one durable append for all of them."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from bihuan.base.clock import APART
from bihuan.capture.identity.actions import Sighting, get_resolver
from bihuan.capture.ingest.actions.counts import Ended, get_counts
from bihuan.capture.ingest.actions.group import Arrived, Group
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.ingest.rules import steps
from bihuan.capture.ingest.rules.draft import Draft
from bihuan.capture.plan.actions import get_guard
from bihuan.capture.sources.actions import mark_seen
from bihuan.capture.store import get_store

_SEEN_EVERY = timedelta(seconds=10)


class _Seen(NamedTuple):
    """When a source was marked last: by the clock, and by the seconds that no clock changes."""

    at: datetime
    seconds: float


_seen: dict[int, _Seen] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a batch: events stored now, and events that had been stored before."""

    stored: int
    duplicates: int


def correct_clocks(group: Group) -> None:
    """When it happened, by our clock."""
    deliveries = [batch.delivery for batch in group.batches]
    group.times = steps.correct_clocks(deliveries, [batch.received_at for batch in group.batches])
    group.gather()


def identify(group: Group) -> None:
    """Who did it: the person behind each id, made when it is new."""
    resolver = get_resolver()
    group.people = [None] * len(group.drafts)
    ids = [draft.distinct_id if draft.said is None or draft.said.person else None for draft in group.drafts]
    said = {n: _sighting(draft) for n, draft in enumerate(group.drafts) if draft.said is not None}
    for product_id, where in group.products():
        if isinstance(where, slice):
            group.people = resolver.people(product_id=product_id, ids=ids, said=said, at=group.newest)
            continue
        found = resolver.people(
            product_id=product_id,
            ids=[ids[n] for n in where],
            said={place: said[n] for place, n in enumerate(where) if n in said},
            at=group.newest,
        )
        for n, person in zip(where, found, strict=True):
            group.people[n] = person


def attribute(group: Group) -> None:
    """Where it happened: the account of each event."""
    resolver = get_resolver()
    companies = [draft.company for draft in group.drafts]
    group.accounts = [None] * len(group.drafts)
    for product_id, where in group.products():
        rows = range(len(group.drafts)) if isinstance(where, slice) else where
        found = resolver.accounts(
            product_id=product_id,
            companies=[companies[n] for n in rows],
            people=[group.people[n] for n in rows],
            times=[group.times[n] for n in rows],
            at=group.newest,
        )
        for n, account in zip(rows, found, strict=True):
            group.accounts[n] = account


def hold_against_plan(group: Group) -> None:
    """What was agreed on: breaches are counted, and refused where the source says so."""
    guard, start = get_guard(), 0
    refused: dict[int, tuple[str, str]] = {}
    for batch in group.batches:
        drafts, sender = batch.delivery.drafts, batch.sender
        found = guard.refused(
            source_id=sender.source_id,
            source=sender.code,
            product_id=sender.product_id,
            names=[draft.name for draft in drafts],
            props=[draft.props for draft in drafts],
            at=batch.received_at,
        )
        refused |= {start + place: why for place, why in found.items()}
        start += len(drafts)
    group.drop(refused, step="plan")
    guard.write_when_due(at=group.newest)


#: What a group passes before `deduplicate` and `commit`, which are one transaction of the log.
GROUP_STEPS: tuple[tuple[str, Callable[[Group], None]], ...] = (
    ("clock", correct_clocks),
    ("identify", identify),
    ("attribute", attribute),
    ("plan", hold_against_plan),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A group that has passed its steps, in the shape of the store."""

    batches: Sequence[Arrived]
    events: pa.Table


def store_batches(batches: Sequence[Arrived]) -> list[Outcome]:
    """Store the good events of all batches in one commit and keep the rejected ones; durable on return."""
    return commit(prepare(batches))


def prepare(batches: Sequence[Arrived]) -> Prepared:
    """Take the group's steps; people that are new are on the disk on return, events are not."""
    group = Group(batches)
    for _name, step in GROUP_STEPS:
        step(group)
    return Prepared(batches, group.table())


def commit(prepared: Prepared) -> list[Outcome]:
    """Leave out what came before and store the rest; durable on return."""
    batches = prepared.batches
    duplicates = get_store().append(prepared.events).duplicates if prepared.events.num_rows else ()
    for batch in batches:
        batch.delivery.rejections.sort(key=lambda rejection: rejection.index)
    _keep_rejections(batches)
    _mark_seen(batches)
    outcomes = _outcomes(batches, duplicates)
    _count(batches, outcomes)
    return outcomes


def _count(batches: Sequence[Arrived], outcomes: Sequence[Outcome]) -> None:
    ended: Ended = Counter()
    for batch, outcome in zip(batches, outcomes, strict=True):
        who = batch.sender.source_id, batch.sender.code
        ended[*who, "commit", "stored"] += outcome.stored
        if outcome.duplicates:
            ended[*who, "deduplicate", "duplicate"] += outcome.duplicates
        for rejection in batch.delivery.rejections:
            ended[*who, rejection.step, rejection.code] += 1
    get_counts().add(ended)


def _outcomes(batches: Sequence[Arrived], duplicates: Sequence[int]) -> list[Outcome]:
    known = set(duplicates)
    outcomes, start = [], 0
    for batch in batches:
        size = len(batch.delivery.drafts)
        twice = sum(1 for row in range(start, start + size) if row in known) if known else 0
        outcomes.append(Outcome(stored=size - twice, duplicates=twice))
        start += size
    return outcomes


def _sighting(draft: Draft) -> Sighting:
    said = draft.said
    if said is None or not said.person:
        return Sighting(distinct_id=None)
    return Sighting(
        distinct_id=draft.distinct_id,
        same_as=said.same_as,
        identified=said.identified,
        set=said.set,
        set_once=said.set_once,
    )


def _keep_rejections(batches: Sequence[Arrived]) -> None:
    if not any(batch.delivery.rejections for batch in batches):
        return
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
                body=_storable(rejection.body.decode("utf-8", "replace")),
                path=batch.path[:40],
                sent_at=batch.delivery.sent_at,
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
    seconds = time.monotonic()
    passed = {
        source: (at - _seen[source].at, timedelta(seconds=seconds - _seen[source].seconds))
        for source, at in newest.items()
        if source in _seen
    }
    due = {source for source in newest if source not in passed or abs(passed[source][0]) >= _SEEN_EVERY}
    if due:
        jumped = {
            source for source in due & passed.keys() if abs(passed[source][0] - passed[source][1]) > APART
        }
        at = max(newest[source] for source in due)
        mark_seen(source_ids=due - jumped, at=at)
        mark_seen(source_ids=jumped, at=at, pause_is_true=False)
        _seen.update((source, _Seen(newest[source], seconds)) for source in due)
