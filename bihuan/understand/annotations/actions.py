"""Writes: annotations are added, changed, removed and restored."""

from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.bus.facts import kept
from bihuan.understand.annotations.events import (
    AnnotationAdded,
    AnnotationChanged,
    AnnotationRemoved,
    AnnotationRestored,
)
from bihuan.understand.annotations.models import Annotation

CHANGEABLE = ("kind", "title", "first_on", "last_on", "product")


@transaction.atomic
def add_annotation(*, by: Actor, at: datetime, **fields: Any) -> Annotation:
    """Write down what happened: fields of CHANGEABLE; ValidationError names the one that is wrong."""
    row = Annotation(author_id=by.user_id, created_at=at, changed_at=at, **fields)
    row.full_clean()
    row.save()
    publish(
        AnnotationAdded(annotation_id=row.pk, kind=row.kind, called=row.title, first_on=row.first_on.isoformat(),
                        last_on=row.last_on.isoformat() if row.last_on else None),
        by=by, at=at,
    )  # fmt: skip
    return row


@transaction.atomic
def change_annotation(*, annotation: Annotation, by: Actor, at: datetime, **fields: Any) -> Annotation:
    """Set the given fields of CHANGEABLE; nothing happens when nothing differs."""
    row = Annotation.objects.select_for_update().get(pk=annotation.pk)
    changed = [name for name in CHANGEABLE if name in fields and getattr(row, name) != fields[name]]
    if not changed:
        return row
    before = {name: kept(getattr(row, name)) for name in changed}
    for name in changed:
        setattr(row, name, fields[name])
    row.changed_at = at
    row.full_clean()
    row.save()
    after = {name: kept(getattr(row, name)) for name in changed}
    publish(AnnotationChanged(annotation_id=row.pk, before=before, after=after), by=by, at=at)
    return row


@transaction.atomic
def remove_annotation(*, annotation: Annotation, by: Actor, at: datetime) -> None:
    """Take it off the charts; it can be restored."""
    row = Annotation.objects.select_for_update().get(pk=annotation.pk)
    if row.removed_at is not None:
        return
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    publish(AnnotationRemoved(annotation_id=row.pk, called=row.title), by=by, at=at)


@transaction.atomic
def restore_annotation(*, annotation: Annotation, by: Actor, at: datetime) -> None:
    """Undo its removal."""
    row = Annotation.objects.select_for_update().get(pk=annotation.pk)
    if row.removed_at is None:
        return
    row.removed_at = None
    row.save(update_fields=["removed_at"])
    publish(AnnotationRestored(annotation_id=row.pk, called=row.title), by=by, at=at)
