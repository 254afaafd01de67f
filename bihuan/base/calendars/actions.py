"""Writes about business calendars. Each counts the revision up, by which every process sees that something changed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.access.policy import Role
from bihuan.base.bus import Fact, publish
from bihuan.base.calendars import CalendarError, read_calendar
from bihuan.base.calendars.events import (
    CalendarAdded,
    CalendarRemoved,
    CalendarRenamed,
    CalendarUseChanged,
    CalendarVersionRemoved,
    CalendarVersionSet,
)
from bihuan.base.calendars.models import BusinessCalendar, CalendarRevision, CalendarUse, CalendarVersion
from bihuan.base.calendars.queries import forget


@transaction.atomic
def add_calendar(
    *, key: str, name: str, zone: str, definition: Mapping[str, Any], by: Actor, at: datetime, note: str = ""
) -> BusinessCalendar:
    """A calendar with its first version; ValidationError names the field that is wrong."""
    row = BusinessCalendar(key=key, name=name, zone=zone)
    row.full_clean()
    _check(definition, zone=zone)
    row.save()
    CalendarVersion.objects.create(
        calendar=row, definition=dict(definition), note=note, made_at=at, made_by_id=by.user_id
    )
    _tell(
        CalendarAdded(calendar_id=row.pk, called=name, zone=zone, definition=dict(definition)), by=by, at=at
    )
    return row


@transaction.atomic
def rename_calendar(*, calendar: BusinessCalendar, name: str, by: Actor, at: datetime) -> BusinessCalendar:
    """Call it otherwise."""
    row = _locked(calendar)
    if row.name != name:
        before, row.name = row.name, name
        row.full_clean()
        row.save(update_fields=["name"])
        _tell(CalendarRenamed(calendar_id=row.pk, before=before, after=name), by=by, at=at)
    return row


@transaction.atomic
def set_version(
    *, calendar: BusinessCalendar, valid_from: date | None, definition: Mapping[str, Any], by: Actor,
    at: datetime, note: str = "",
) -> CalendarVersion:  # fmt: skip
    """What the calendar says from a day on; a version from that same day is replaced, others stay."""
    row = _locked(calendar)
    _check(definition, zone=row.zone)
    version = row.versions.filter(valid_from=valid_from).first()
    before = None if version is None else dict(version.definition)
    if version is not None and before == dict(definition) and version.note == note:
        return version
    version = version or CalendarVersion(calendar=row, valid_from=valid_from)
    version.definition, version.note = dict(definition), note
    version.made_at, version.made_by_id = at, by.user_id
    version.full_clean()
    version.save()
    _tell(
        CalendarVersionSet(calendar_id=row.pk, called=row.name, before=before, after=dict(definition),
                           valid_from=valid_from.isoformat() if valid_from else None),
        by=by, at=at,
    )  # fmt: skip
    return version


@transaction.atomic
def remove_version(*, version: CalendarVersion, by: Actor, at: datetime) -> None:
    """The version before it counts on; the first one stays."""
    if version.valid_from is None:
        raise ValidationError(_("The first version stays: a calendar says something for every day."))
    row = _locked(version.calendar)
    version.delete()
    _tell(
        CalendarVersionRemoved(
            calendar_id=row.pk, called=row.name, valid_from=version.valid_from.isoformat()
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def use_calendar(
    *, calendar: BusinessCalendar | None, by: Actor, at: datetime, role: str = "", account_id: int | None = None
) -> None:  # fmt: skip
    """Let it hold for a customer, a role, or (with neither) the organisation; None: no calendar of their own any more."""
    if role and account_id is not None:
        raise ValidationError(_("Name a role or a customer, not both."))
    if role and role not in list(Role):
        raise ValidationError({"role": _("There is no such role.")})
    whom: dict[str, Any] = {
        "is_default": not role and account_id is None,
        "role": role,
        "account_id": account_id,
    }
    stored = CalendarUse.objects.select_for_update().select_related("calendar").filter(**whom).first()
    if (stored.calendar_id if stored else None) == (calendar.pk if calendar else None):
        return
    before = stored.calendar.name if stored else None
    if calendar is None:
        CalendarUse.objects.filter(**whom).delete()
    else:
        CalendarUse.objects.update_or_create(**whom, defaults={"calendar": calendar})
    _tell(
        CalendarUseChanged(
            account_id=account_id, role=role, before=before, after=calendar.name if calendar else None
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def remove_calendar(*, calendar: BusinessCalendar, by: Actor, at: datetime) -> None:
    """Only one that holds for nobody."""
    row = _locked(calendar)
    if row.uses.exists():
        raise ValidationError(
            _("“%(name)s” is in use: choose another calendar there first.") % {"name": row.name}
        )
    number = row.pk
    row.delete()
    _tell(CalendarRemoved(calendar_id=number, called=row.name), by=by, at=at)


def _locked(calendar: BusinessCalendar) -> BusinessCalendar:
    return BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)


def _check(definition: Mapping[str, Any], *, zone: str) -> None:
    try:
        read_calendar(definition, zone=zone, years=())
    except CalendarError as error:
        raise ValidationError({"definition": str(error)}) from None


def _tell(fact: Fact, *, by: Actor, at: datetime) -> None:
    """Publish it, and let nobody go on with what was kept in memory, whether this is committed or not."""
    CalendarRevision.count_up()
    forget()
    transaction.on_commit(forget)
    publish(fact, by=by, at=at)
