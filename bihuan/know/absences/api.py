"""REST of absences."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Actor, Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.know.absences import actions
from bihuan.know.absences.models import Absence
from bihuan.know.staff.models import Staff

router = Router(tags=["Staff"])


class AbsenceIn(Schema):
    """From the first to the last day, both included. `staff_id` only with the right to enter those of others."""

    staff_id: Number | None = None
    first_day: date = Field(..., examples=["2026-12-07"])
    last_day: date = Field(..., examples=["2026-12-11"])
    deputy_id: Number | None = None
    note: str = Field("", max_length=200, examples=["annual leave"])


class AbsencePatch(Schema):
    """What to change; fields that are absent stay, `deputy_id: null` leaves it without a deputy."""

    first_day: date | None = None
    last_day: date | None = Field(None, examples=["2026-12-14"])
    deputy_id: Number | None = None
    note: str | None = Field(None, max_length=200)


class AbsenceOut(Schema):
    """An absence; `state` is planned, away, over or withdrawn. `note` only for whom it is about, and those who manage."""

    id: int
    staff_id: int
    first_day: date
    last_day: date
    deputy_id: int | None
    note: str
    state: str
    began_at: datetime | None
    ended_at: datetime | None

    @staticmethod
    def resolve_note(row: Any, context: Any) -> str:
        """As on the page."""
        actor = actor_of(context["request"])
        own = row.staff_id == actor.user_id or actor.may("absences.manage")
        return str(row.note) if own else ""


def _seen(actor: Actor) -> Any:
    return (
        Absence.objects.all() if actor.may("staff.view") else Absence.objects.filter(staff=actor.user_id or 0)
    )


def _staff(pk: int | None, field: str) -> Staff | None:
    found = None if pk is None else Staff.objects.filter(pk=pk).first()
    if pk is not None and found is None:
        raise ValidationError({field: _("There is no such colleague.")})
    return found


@router.get("/absences", auth=Allow("absences.own"), response=list[AbsenceOut], summary="List absences")
@paginate
def list_absences(request: HttpRequest, staff_id: Number | None = None, on: date | None = None) -> Any:
    """The latest first; `on` only those that hold on a day."""
    rows = _seen(actor_of(request))
    rows = rows if staff_id is None else rows.filter(staff=staff_id)
    return rows if on is None else rows.current(day=on)


@router.post("/absences", auth=Allow("absences.own"), response={201: AbsenceOut}, summary="Enter an absence")
def enter_absence(request: HttpRequest, body: AbsenceIn) -> Any:
    """One's own unless `staff_id` names somebody else; 422 names the field."""
    by, said = actor_of(request), body.dict()
    staff = _staff(said.pop("staff_id") or by.user_id, "staff_id")
    deputy = _staff(said.pop("deputy_id"), "deputy_id")
    if staff is None:
        raise ValidationError({"staff_id": _("Say who is away.")})
    return 201, actions.enter_absence(staff=staff, deputy=deputy, by=by, at=timezone.now(), **said)


@router.patch(
    "/absences/{int:pk}", auth=Allow("absences.own"), response=AbsenceOut, summary="Change an absence"
)
def change_absence(request: HttpRequest, pk: int, body: AbsencePatch) -> Any:
    """404 for one that one may not change."""
    by = actor_of(request)
    row = get_object_or_404(Absence.objects.open_to(by).select_related("deputy"), pk=pk)
    said = body.dict(exclude_unset=True)
    deputy = _staff(said.pop("deputy_id"), "deputy_id") if "deputy_id" in said else row.deputy
    kept: dict[str, Any] = {"first_day": row.first_day, "last_day": row.last_day, "note": row.note}
    fields = kept | {name: value for name, value in said.items() if value is not None}
    return actions.change_absence(absence=row, deputy=deputy, by=by, at=timezone.now(), **fields)


@router.post(
    "/absences/{int:pk}/end", auth=Allow("absences.own"), response=AbsenceOut, summary="End an absence"
)
def end_absence(request: HttpRequest, pk: int) -> Any:
    """Back now, or withdrawn before it begins; 422 when it is over."""
    by = actor_of(request)
    row = get_object_or_404(Absence.objects.open_to(by), pk=pk)
    return actions.end_absence(absence=row, by=by, at=timezone.now())
