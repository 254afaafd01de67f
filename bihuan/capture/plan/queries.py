"""Reads of the tracking plan."""

from collections.abc import Iterable
from typing import Any

import msgspec

from bihuan.capture.plan.models import BlockingSource, PlannedEvent
from bihuan.capture.plan.rules import Event, Property, guess_event
from bihuan.capture.store import INTERNAL_SOURCE, get_store

_SAMPLES = 40
_MOST_NAMES = 500


def plans() -> dict[int, dict[str, Event]]:
    """The planned events by product and name; a product without any is not there."""
    found: dict[int, dict[str, Event]] = {}
    for row in PlannedEvent.objects.prefetch_related("properties"):
        found.setdefault(row.product_id, {})[row.name] = as_event(row)
    return found


def blocking_sources() -> set[int]:
    """The sources of which nothing is taken that breaches the plan."""
    return set(BlockingSource.objects.values_list("source_id", flat=True))


def plan_of(*, product_id: int) -> list[Event]:
    """The planned events of a product by name."""
    return [
        as_event(row)
        for row in PlannedEvent.objects.filter(product_id=product_id).prefetch_related("properties")
    ]


def as_event(row: PlannedEvent) -> Event:
    """A row as the rules see it."""
    return Event(
        name=row.name, state=row.state, owner=row.owner, description=row.description,
        properties=tuple(
            Property(name=p.name, type=p.type, required=p.required, state=p.state, owner=p.owner, description=p.description)
            for p in row.properties.all()
        ),
    )  # fmt: skip


def arrived_events(*, product_id: int, without: Iterable[str] = ()) -> list[Event]:
    """What has arrived for a product as a plan would say it, from the last 40 events of each name; SDK names not."""
    names = get_store().execute(
        "SELECT name, count(*) AS n FROM events WHERE product_id = ? AND source_id <> ? AND name NOT LIKE '$%' "
        "GROUP BY name ORDER BY n DESC LIMIT ?",
        [product_id, INTERNAL_SOURCE, _MOST_NAMES],
    )
    known = set(without)
    return [
        guess_event(name, _samples(product_id, name))
        for name in sorted(names["name"].to_pylist())
        if name not in known
    ]


def _samples(product_id: int, name: str) -> list[dict[str, Any]]:
    rows = get_store().execute(
        "SELECT props FROM events WHERE product_id = ? AND name = ? AND source_id <> ? ORDER BY ts DESC LIMIT ?",
        [product_id, name, INTERNAL_SOURCE, _SAMPLES],
    )
    found = []
    for props in rows["props"].to_pylist():
        try:
            found.append(msgspec.json.decode(props))
        except msgspec.DecodeError:
            continue
    return [one for one in found if isinstance(one, dict)]
