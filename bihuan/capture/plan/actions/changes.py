"""Changes of the tracking plan."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.capture.plan.events import PlanBlockingSet, PlanFilled, PlannedEventRemoved, PlannedEventSaved
from bihuan.capture.plan.models import BlockingSource, PlannedEvent, PlannedProperty
from bihuan.capture.plan.queries import arrived_events, plan_of
from bihuan.capture.plan.rules import Event, read_document


@transaction.atomic
def save_event(*, event: PlannedEvent, by: Actor, at: datetime) -> PlannedEvent:
    """Add or change a planned event."""
    event.updated_at = at
    event.full_clean()
    event.save()
    publish(PlannedEventSaved(product_id=event.product_id, event=event.name, state=event.state), by=by, at=at)
    return event


@transaction.atomic
def remove_event(*, event: PlannedEvent, by: Actor, at: datetime) -> None:
    """Take an event and its properties out of the plan; what arrived stays."""
    event.delete()
    publish(PlannedEventRemoved(product_id=event.product_id, event=event.name), by=by, at=at)


@transaction.atomic
def save_property(*, row: PlannedProperty, by: Actor, at: datetime) -> PlannedProperty:
    """Add or change a property of a planned event."""
    row.full_clean()
    row.save()
    save_event(event=row.event, by=by, at=at)
    return row


@transaction.atomic
def remove_property(*, row: PlannedProperty, by: Actor, at: datetime) -> None:
    """Take a property out of the plan."""
    row.delete()
    save_event(event=row.event, by=by, at=at)


@transaction.atomic
def import_plan(*, product: Any, document: Any, by: Actor, at: datetime) -> tuple[int, int]:
    """Add and change the events that the document names, others stay; returns how many of each.

    Raises ValidationError with everything that is wrong; nothing is written then.
    """
    events, problems = read_document(document)
    if problems:
        raise ValidationError(problems)
    return _fill(product, events, drafted=False, by=by, at=at)


@transaction.atomic
def draft_plan(*, product: Any, by: Actor, at: datetime) -> int:
    """Add what has arrived and is not planned yet; returns how many events."""
    known = [event.name for event in plan_of(product_id=product.pk)]
    events = arrived_events(product_id=product.pk, without=known)
    return _fill(product, events, drafted=True, by=by, at=at)[0]


@transaction.atomic
def set_blocking(*, source: Any, blocks: bool, by: Actor, at: datetime) -> None:
    """Whether this source's events that breach the plan are rejected; doing so twice changes nothing."""
    if blocks:
        _row, changed = BlockingSource.objects.get_or_create(source=source, defaults={"since": at})
    else:
        changed = bool(BlockingSource.objects.filter(source=source).delete()[0])
    if changed:
        publish(PlanBlockingSet(source_id=source.pk, blocks=blocks), by=by, at=at)


def _fill(
    product: Any, events: Sequence[Event], *, drafted: bool, by: Actor, at: datetime
) -> tuple[int, int]:
    before = {event.name: event for event in plan_of(product_id=product.pk)}
    added = changed = 0
    for event in events:
        if before.get(event.name) == event:
            continue
        added, changed = (added + 1, changed) if event.name not in before else (added, changed + 1)
        row, _new = PlannedEvent.objects.update_or_create(
            product=product, name=event.name,
            defaults={"state": event.state, "owner": event.owner, "description": event.description, "updated_at": at},
        )  # fmt: skip
        row.properties.all().delete()
        unique = {one.name: one for one in event.properties}
        PlannedProperty.objects.bulk_create(
            PlannedProperty(event=row, name=one.name, type=one.type, required=one.required, state=one.state,
                            owner=one.owner, description=one.description)
            for one in unique.values()
        )  # fmt: skip
    if added or changed:
        publish(
            PlanFilled(product_id=product.pk, drafted=drafted, added=added, changed=changed), by=by, at=at
        )
    return added, changed
