"""Publishing and reacting.

`publish` writes the fact and one delivery for each reaction in the caller's transaction: either all of it
happened or none. A delivery is a row of the lease table in base/jobs, so retries, back-off and parking are
the worker's; a reaction may run twice after a crash and must be idempotent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

from bihuan.base.access.actor import Actor
from bihuan.base.bus.facts import Fact


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a reaction is told beside the fact: the fact's own id for idempotency, when, and by whom."""

    uid: UUID
    at: datetime
    actor_name: str
    attempt: int


Reaction = Callable[..., None]
_reactions: dict[str, tuple[type[Fact] | None, Reaction]] = {}


def reaction(fact: type[Fact] | None = None) -> Callable[[Reaction], Reaction]:
    """Register `function(fact, *, context: Delivery)` for a kind of fact, or for every fact when none is named."""

    def register(function: Reaction) -> Reaction:
        name = f"{function.__module__}.{function.__name__}"
        if name in _reactions:
            raise ValueError(f"the reaction {name} is registered twice")
        _reactions[name] = (fact, function)
        return function

    return register


#: Called with the rows of what was published, in its transaction.
Watcher = Callable[[Sequence[Any]], None]
_watchers: list[Watcher] = []


def watcher(function: Watcher) -> Watcher:
    """Register `function(rows)` for every publishing: it sees the stored facts and runs in the transaction that makes them
    true. For what must not be lost and needs no reaction of its own; it is quick."""
    _watchers.append(function)
    return function


def reactions() -> dict[str, tuple[type[Fact] | None, Reaction]]:
    """Every registered reaction by its full name (a copy)."""
    return dict(_reactions)


def publish(fact: Fact, *, by: Actor, at: datetime) -> UUID:
    """Write a fact to the outbox; returns its id. Outside a transaction it refuses."""
    (uid,) = publish_all([fact], by=by, at=at)
    return uid


def publish_all(facts: Sequence[Fact], *, by: Actor, at: datetime) -> list[UUID]:
    """Write facts in their order, with few statements; returns their ids."""
    from bihuan.base.bus.models import OutboxFact
    from bihuan.base.jobs.models import Job
    from bihuan.base.rows import insert_rows

    if not connection.in_atomic_block:
        names = ", ".join(fact.name for fact in facts)
        raise TransactionManagementError(f"publish {names} inside the transaction that makes it true")
    rows = []
    for fact in facts:
        payload = fact.payload()
        rows.append(OutboxFact(
            name=fact.name, at=at, actor_kind=by.kind, actor_id=by.user_id, actor_name=by.name,
            account_id=payload.get("account_id"), person_id=payload.get("person_id"),
            product_id=payload.get("product_id"), payload=payload,
        ))  # fmt: skip
    insert_rows(rows)
    deliveries = [
        Job(
            kind=Job.REACTION,
            name=name,
            args={"fact": row.pk, "name": fact.name},
            run_at=at,
            created_at=at,
            by_name=by.name,
        )
        for row, fact in zip(rows, facts, strict=True)
        for name, (kind, _function) in _reactions.items()
        if kind is None or isinstance(fact, kind)
    ]
    insert_rows(deliveries)
    for watch in _watchers:
        watch(rows)
    return [row.uid for row in rows]


def deliver(*, name: str, fact_id: int, attempt: int) -> None:
    """Run one reaction on one stored fact (called by the worker)."""
    from bihuan.base.bus.facts import fact_class
    from bihuan.base.bus.models import OutboxFact

    row = OutboxFact.objects.get(pk=fact_id)
    kind = fact_class(row.name)
    if kind is None:
        raise LookupError(f"no app knows the fact {row.name!r} any more")
    _wanted, function = _reactions[name]
    fact: Any = kind.from_payload(row.payload)
    function(fact, context=Delivery(uid=row.uid, at=row.at, actor_name=row.actor_name, attempt=attempt))
