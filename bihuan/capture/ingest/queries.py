"""Reads of the event store for pages: the live tail, one account's events, its use by day."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from django.db.models import Q, Sum

from bihuan.base.access import Actor, Reach
from bihuan.capture.ingest.models import RejectedEvent, StepCount
from bihuan.capture.ingest.rules.steps import STEPS
from bihuan.capture.store import INTERNAL_SOURCE, get_store
from bihuan.know.accounts.models import Account

_COLUMNS = "ts, received_at, name, distinct_id, person_id, account_id, product_id, source_id, event_id, props"
_SPANS = (timedelta(hours=6), timedelta(days=7), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEvent:
    """One event as pages show it; `props` is the decoded object."""

    ts: datetime
    received_at: datetime
    name: str
    distinct_id: str
    person_id: int | None
    account_id: int | None
    product_id: int | None
    source_id: int
    event_id: str
    props: dict[str, Any]

    @property
    def by_staff(self) -> bool:
        """Whether it is a fact of our own people rather than something a customer did."""
        return self.source_id == INTERNAL_SOURCE


def latest_events(
    *,
    actor: Actor,
    limit: int = 50,
    account_id: int | None = None,
    person_id: int | None = None,
    name: str | None = None,
    source_id: int | None = None,
    staff: bool = False,
) -> list[StoredEvent]:
    """The events received last, newest first, in the actor's territory; staff facts only with `staff`."""
    if not actor.may("events.view"):
        return []
    where, params = _where(
        account_id=account_id, person_id=person_id, name=name, source_id=source_id, staff=staff
    )
    visible = _visible_accounts(actor)
    if visible is not None:
        if account_id is not None and account_id not in visible:
            return []
        if account_id is None:
            where.append("account_id IN (SELECT unnest(?))")
            params.append(sorted(visible))
    spans = (None,) if account_id is not None else _SPANS
    newest = get_store().execute("SELECT max(received_at) AS newest FROM events")["newest"][0].as_py()
    rows: list[StoredEvent] = []
    for span in spans if newest is not None else ():
        # Rows lie by account, so "the newest of all" reads everything: a short span first makes that cheap.
        recent, when = ([], []) if span is None else (["received_at >= ?"], [newest - span])
        told = f"WHERE {' AND '.join([*recent, *where])} ORDER BY received_at DESC LIMIT {int(limit)}"
        rows = _rows(told, [*when, *params])
        if len(rows) >= limit:
            break
    return sorted(rows, key=lambda row: (row.received_at, row.ts), reverse=True)


def events_of_account(
    *,
    account_id: int,
    limit: int = 50,
    before: datetime | None = None,
    names: Sequence[str] = (),
    person_id: int | None = None,
    staff: bool = True,
) -> list[StoredEvent]:
    """What happened at an account, newest first; the caller has checked the territory. `before` pages on."""
    where, params = _where(account_id=account_id, person_id=person_id, name=None, source_id=None, staff=staff)
    if before is not None:
        where.append("ts < ?")
        params.append(before)
    if names:
        where.append("name IN (SELECT unnest(?))")
        params.append(list(names))
    return _rows(f"WHERE {' AND '.join(where)} ORDER BY ts DESC LIMIT {int(limit)}", params)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfUse:
    """What an account did on a day of the organisation's calendar."""

    day: date
    events: int
    people: int


def usage_by_day(*, account_id: int, since: date, until: date | None = None) -> list[DayOfUse]:
    """Events and active people of an account by day, days without any left out; staff facts do not count."""
    table = get_store().execute(
        "SELECT day, count(*) AS events, count(DISTINCT person_id) AS people FROM events "
        "WHERE account_id = ? AND day >= ? AND day <= ? AND source_id <> ? GROUP BY day ORDER BY day",
        [account_id, since, until or date.max, INTERNAL_SOURCE],
    )
    return [DayOfUse(**row) for row in table.to_pylist()]


def active_people(*, account_id: int, since: date) -> dict[int, tuple[int, datetime]]:
    """Per person of an account: events since that day and the time of the last one."""
    table = get_store().execute(
        "SELECT person_id, count(*) AS n, max(ts) AS last FROM events "
        "WHERE account_id = ? AND day >= ? AND source_id <> ? AND person_id IS NOT NULL GROUP BY person_id",
        [account_id, since, INTERNAL_SOURCE],
    )
    return {row["person_id"]: (row["n"], row["last"]) for row in table.to_pylist()}


def event_names(*, staff: bool = False) -> list[str]:
    """Every event name seen, sorted; names of staff facts only with `staff`."""
    if staff:
        return _strings(get_store().execute("SELECT name FROM names ORDER BY name"))
    return _strings(
        get_store().execute(
            "SELECT DISTINCT name FROM events WHERE source_id <> ? ORDER BY name", [INTERNAL_SOURCE]
        )
    )


def without_account(*, since: date) -> int:
    """Customer events since that day that belong to no account."""
    table = get_store().execute(
        "SELECT count(*) AS n FROM events WHERE account_id IS NULL AND day >= ? AND source_id <> ?",
        [since, INTERNAL_SOURCE],
    )
    return int(table["n"][0].as_py())


def in_content(word: str) -> Q:
    """Rejected events that hold the word in what was sent, as it is or as JSON writes it: \\u4e91 for 云."""
    return Q(body__icontains=word) | Q(body__icontains=json.dumps(word)[1:-1])


def rejected_by_reason(*, since: datetime) -> dict[tuple[int, str], int]:
    """How many events were rejected since then, by source and code."""
    counts: dict[tuple[int, str], int] = {}
    for source_id, code in RejectedEvent.objects.filter(at__gte=since).values_list("source_id", "code"):
        counts[source_id, code] = counts.get((source_id, code), 0) + 1
    return counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How many events (or whole requests, when no source is known) ended at a step with a code."""

    step: str
    source: str
    code: str
    events: int


def ended_at(*, since: datetime) -> list[Ended]:
    """Where what came since then ended, by step in their order, then source and code."""
    rows = (
        StepCount.objects.filter(hour__gte=since)
        .values_list("step", "source__name", "code")
        .annotate(total=Sum("events"))
        .order_by()
    )
    order = {step: place for place, step in enumerate(STEPS)}
    found = [
        Ended(step=step, source=source or "", code=code, events=total) for step, source, code, total in rows
    ]
    return sorted(found, key=lambda one: (order.get(one.step, len(order)), one.source, one.code))


def _where(
    *, account_id: int | None, person_id: int | None, name: str | None, source_id: int | None, staff: bool
) -> tuple[list[str], list[Any]]:
    where, params = ["TRUE"] if staff else [f"source_id <> {INTERNAL_SOURCE}"], []
    asked = {"account_id": account_id, "person_id": person_id, "name": name, "source_id": source_id}
    for column, value in asked.items():
        if value is not None:
            where.append(f"{column} = ?")
            params.append(value)
    return where, params


def _visible_accounts(actor: Actor) -> set[int] | None:
    """The accounts of the territory; None when it is everything."""
    if actor.reach == Reach.ALL:
        return None
    return set(Account.objects.visible_to(actor).values_list("pk", flat=True))


def _rows(tail: str, params: list[Any]) -> list[StoredEvent]:
    table = get_store().execute(f"SELECT {_COLUMNS} FROM events {tail}", params)
    return [StoredEvent(**row | {"props": _decoded(row["props"])}) for row in table.to_pylist()]


def _decoded(props: str) -> dict[str, Any]:
    try:
        value = json.loads(props)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _strings(table: pa.Table) -> list[str]:
    return [str(name) for name in table["name"].to_pylist()]
