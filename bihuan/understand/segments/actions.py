"""Writes about segments: each is one transaction and one fact."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish
from bihuan.base.bus.facts import kept
from bihuan.know.accounts.models import Account, Person
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.segments.events import (
    SegmentAdded,
    SegmentChanged,
    SegmentFrozen,
    SegmentRemoved,
    SegmentsCounted,
)
from bihuan.understand.segments.models import Mode, Segment, SegmentMember, SegmentSize, Unit
from bihuan.understand.segments.queries import definition_of, members

CHANGEABLE = ("title", "unit", "rule", "behaviour", "description", "owner")
MOST_MEMBERS = 1_000_000


@transaction.atomic
def add_segment(
    *, key: str, title: str, rule: str, by: Actor, at: datetime, unit: str = Unit.ACCOUNT,
    behaviour: Mapping[str, Any] | None = None, description: str = "",
) -> Segment:  # fmt: skip
    """A live segment, counted at once; ValidationError names the field that is wrong."""
    row = Segment(
        key=key, title=title, unit=unit, mode=Mode.LIVE, rule=rule, behaviour=dict(behaviour or {}), description=description,
        owner_id=by.user_id, created_at=at, updated_at=at,
    )  # fmt: skip
    row.full_clean()
    _count(row, day=timezone.localdate(at))
    row.save()
    _keep_size(row)
    publish(
        SegmentAdded(segment_id=row.pk, key=key, unit=row.unit, mode=row.mode, rule=row.rule), by=by, at=at
    )
    return row


@transaction.atomic
def change_segment(*, segment: Segment, by: Actor, at: datetime, **fields: Any) -> Segment:
    """Set the given fields of CHANGEABLE; nothing happens when nothing differs. A static one keeps unit and members."""
    row: Segment = Segment.objects.select_for_update().get(pk=segment.pk)
    changed = [name for name in CHANGEABLE if name in fields and getattr(row, name) != fields[name]]
    if not changed:
        return row
    fixed = [name for name in ("unit", "rule", "behaviour") if name in changed]
    if fixed and row.mode == Mode.STATIC:
        raise ValidationError(dict.fromkeys(fixed, _("A static segment is a list; it has no rule.")))
    before = {name: kept(getattr(row, name)) for name in changed}
    for name in changed:
        setattr(row, name, fields[name])
    row.updated_at = at
    row.full_clean()
    if fixed:
        _count(row, day=timezone.localdate(at))
    row.save()
    if fixed:
        _keep_size(row)
    after = {name: kept(getattr(row, name)) for name in changed}
    publish(SegmentChanged(segment_id=row.pk, key=row.key, before=before, after=after), by=by, at=at)
    return row


def freeze_segment(*, segment: Segment, key: str, title: str, by: Actor, at: datetime) -> Segment:
    """The members of the actor's territory today as a static segment of its own."""
    day = timezone.localdate(at)
    try:
        found = members(segment=segment, actor=by, as_of=day)
    except QuestionError as error:
        raise ValidationError({"segment": str(error)}) from None
    return keep_list(
        key=key,
        title=title,
        unit=segment.unit,
        ids=found.ids.tolist(),
        source=f"@{segment.key}",
        by=by,
        at=at,
    )


@transaction.atomic
def keep_list(
    *, key: str, title: str, unit: str, ids: Iterable[int], by: Actor, at: datetime, source: str = "", description: str = "",
) -> Segment:  # fmt: skip
    """A static segment of these accounts or people; ids outside the actor's territory are left out, not told apart."""
    day = timezone.localdate(at)
    objects: Any = Account.objects if unit == Unit.ACCOUNT else Person.objects
    visible = set(objects.visible_to(by).values_list("pk", flat=True))
    chosen = sorted({int(one) for one in ids} & visible)
    if len(chosen) > MOST_MEMBERS:
        raise ValidationError({"members": _("A list holds a million at most.")})
    row = Segment(
        key=key, title=title, unit=unit, mode=Mode.STATIC, description=description, owner_id=by.user_id, frozen_on=day,
        size=len(chosen), counted_on=day, created_at=at, updated_at=at,
    )  # fmt: skip
    row.full_clean()
    row.save()
    rows = [SegmentMember(segment=row, **{f"{unit}_id": one}) for one in chosen]
    SegmentMember.objects.bulk_create(rows, batch_size=1000)
    _keep_size(row)
    fact = SegmentFrozen(segment_id=row.pk, key=key, source=source, members=len(chosen), day=day.isoformat())
    publish(fact, by=by, at=at)
    return row


@transaction.atomic
def remove_segment(*, segment: Segment, by: Actor, at: datetime) -> None:
    """Questions that name it are refused from now on."""
    pk, key = segment.pk, segment.key
    segment.delete()
    publish(SegmentRemoved(segment_id=pk, key=key), by=by, at=at)


def count_segments(*, day: date, by: Actor, at: datetime) -> dict[str, str]:
    """Keep the size of every live segment for the day; returns why some could not be counted, by key."""
    failed: dict[str, str] = {}
    live = Segment.objects.filter(mode=Mode.LIVE)
    for row in live:
        try:
            _count(row, day=day)
        except ValidationError as error:
            failed[row.key] = " ".join(error.messages)
            continue
        with transaction.atomic():
            row.save(update_fields=["size", "counted_on"])
            _keep_size(row)
    with transaction.atomic():
        publish(SegmentsCounted(day=day.isoformat(), segments=len(live) - len(failed)), by=by, at=at)
    return failed


def _count(row: Segment, *, day: date) -> None:
    """Its size over all territories; ValidationError when the rule cannot be read or does not fit."""
    try:
        definition = definition_of(row)
        found = members(segment=definition, actor=system_actor("segments"), as_of=day)
    except QuestionError as error:
        field = error.field.split(".")[0]
        raise ValidationError({field if field in ("unit", "behaviour") else "rule": str(error)}) from None
    row.size, row.counted_on = len(found.ids), day


def _keep_size(row: Segment) -> None:
    assert row.counted_on is not None, "it was counted"
    SegmentSize.objects.update_or_create(segment=row, day=row.counted_on, defaults={"size": row.size or 0})
