"""Writes about absences: entering, changing, beginning and ending one; each a fact."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import Fact, publish
from bihuan.know.absences.events import (
    AbsenceBegan,
    AbsenceChanged,
    AbsenceEnded,
    AbsenceEntered,
    AbsenceFact,
)
from bihuan.know.absences.models import Absence
from bihuan.know.staff.models import Staff

#: Nobody is away for longer than this by one entry.
MOST_DAYS = 400


@transaction.atomic
def enter_absence(
    *, staff: Staff, first_day: date, last_day: date, by: Actor, at: datetime, deputy: Staff | None = None, note: str = ""
) -> Absence:  # fmt: skip
    """Somebody will be away; begins at once when the first day is here. ValidationError names the field, PermissionDenied for
    somebody else's without the right."""
    _may(staff.pk, by=by)
    _may_name(deputy, by=by)
    Staff.objects.select_for_update().get(pk=staff.pk)  # two at once would not see each other's days
    row = Absence(staff=staff, first_day=first_day, last_day=last_day, deputy=deputy, note=note.strip(),
                  entered_by_name=by.name, entered_at=at)  # fmt: skip
    _check(row, at=at)
    row.save()
    _tell(AbsenceEntered, row, by=by, at=at)
    return _begin(row, by=by, at=at)


@transaction.atomic
def change_absence(
    *, absence: Absence, first_day: date, last_day: date, deputy: Staff | None, note: str, by: Actor, at: datetime
) -> Absence:  # fmt: skip
    """Other days or another deputy; the first day of one that has begun stays."""
    row = _held(absence, by=by)
    if row.began_at is not None and first_day != row.first_day:
        raise ValidationError({"first_day": _("It has begun; only its last day can change.")})
    if deputy is not None and deputy.pk != row.deputy_id:
        _may_name(deputy, by=by)
    before = (row.first_day, row.last_day, row.deputy_id, row.note)
    row.first_day, row.last_day, row.deputy, row.note = first_day, last_day, deputy, note.strip()
    if (row.first_day, row.last_day, row.deputy_id, row.note) == before:
        return row
    _check(row, at=at)
    row.save()
    _tell(AbsenceChanged, row, by=by, at=at)
    return _begin(row, by=by, at=at)


@transaction.atomic
def end_absence(*, absence: Absence, by: Actor, at: datetime) -> Absence:
    """Back earlier, or it is withdrawn before it began."""
    row = _held(absence, by=by)
    return _end(row, by=by, at=at)


@transaction.atomic
def turn(*, absence_id: int, by: Actor, at: datetime) -> Absence:
    """What the days say now: begin one whose first day is here, end one whose last day is over; twice does no harm."""
    row = Absence.objects.select_for_update().get(pk=absence_id)
    if row.ended_at is None and row.last_day < timezone.localdate(at):
        return _end(row, by=by, at=at)
    return _begin(row, by=by, at=at)


def _begin(row: Absence, *, by: Actor, at: datetime) -> Absence:
    today = timezone.localdate(at)
    if row.began_at is None and row.ended_at is None and row.first_day <= today <= row.last_day:
        row.began_at = at
        row.save(update_fields=["began_at"])
        _tell(AbsenceBegan, row, by=by, at=at)
    return row


def _end(row: Absence, *, by: Actor, at: datetime) -> Absence:
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    publish(AbsenceEnded(**_about(row), withdrawn=row.began_at is None), by=by, at=at)
    return row


def _may(staff_id: int, *, by: Actor) -> None:
    if staff_id != by.user_id and not by.may("absences.manage"):
        raise PermissionDenied("absences.manage")


def _may_name(deputy: Staff | None, *, by: Actor) -> None:
    """Those from outside do not see colleagues, and name none."""
    if deputy is not None and by.kind != "system" and not by.may("staff.view"):
        raise PermissionDenied("staff.view")


def _held(absence: Absence, *, by: Actor) -> Absence:
    Staff.objects.select_for_update().get(pk=absence.staff_id)
    row: Absence = Absence.objects.select_for_update().get(pk=absence.pk)
    _may(row.staff_id, by=by)
    if row.ended_at is not None:
        raise ValidationError({"state": _("This absence is over.")})
    return row


def _check(row: Absence, *, at: datetime) -> None:
    if row.last_day < row.first_day:
        raise ValidationError({"last_day": _("The last day is not before the first.")})
    if (row.last_day - row.first_day).days >= MOST_DAYS:
        raise ValidationError({"last_day": _("An absence has at most %(n)s days.") % {"n": MOST_DAYS}})
    if row.last_day < timezone.localdate(at):
        raise ValidationError({"last_day": _("This day is over.")})
    if row.deputy_id is not None and row.deputy_id == row.staff_id:
        raise ValidationError({"deputy": _("A deputy is somebody else.")})
    if row.deputy is not None and not row.deputy.is_active:
        raise ValidationError({"deputy": _("%(who)s cannot sign in any more.") % {"who": row.deputy}})
    others = Absence.objects.filter(staff=row.staff_id, ended_at=None).exclude(pk=row.pk)
    if others.filter(first_day__lte=row.last_day, last_day__gte=row.first_day).exists():
        raise ValidationError({"first_day": _("%(who)s is away on these days already.") % {"who": row.staff}})
    row.full_clean(exclude=["staff", "deputy", "entered_by_name"])


def _about(row: Absence) -> dict[str, Any]:
    return {
        "absence_id": row.pk, "staff_id": row.staff_id, "deputy_id": row.deputy_id, "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
    }  # fmt: skip


def _tell(kind: type[AbsenceFact], row: Absence, *, by: Actor, at: datetime) -> None:
    fact: Fact = kind(**_about(row))
    publish(fact, by=by, at=at)
