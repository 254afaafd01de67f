"""REST of business calendars."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from bihuan.base.access import Allow, actor_of
from bihuan.base.calendars import NeverOpen, actions, add_service_time, service_time_between
from bihuan.base.calendars.models import BusinessCalendar, CalendarVersion
from bihuan.base.calendars.queries import calendar_for
from bihuan.base.shapes import Number

router = Router(tags=["Calendars"])
When = Annotated[datetime, Field(examples=["2026-11-06T16:30:00+08:00"])]


class Definition(Schema):
    """Hours by weekday, whose holidays, single days that differ."""

    hours: dict[str, list[str]] | list[str] = Field(
        ["09:00-18:00"], examples=[{"mon": ["09:00-12:00", "13:00-18:00"]}]
    )
    holidays: str | None = Field(None, examples=["CN"])
    closed: list[str] = Field([], max_length=1000, examples=[["2026-10-09"]])
    open: list[str] = Field([], max_length=1000, examples=[["2026-10-10 09:00-12:00"]])


class CalendarIn(Schema):
    """A calendar with its first version."""

    key: str = Field(..., min_length=1, max_length=40, examples=["service-7x24"])
    name: str = Field(..., min_length=1, max_length=80, examples=["7×24 服务"])
    zone: str = Field("Asia/Shanghai", max_length=64)
    definition: Definition = Field(
        ..., examples=[{"hours": {"mon": ["09:00-12:00", "13:00-18:00"]}, "holidays": "CN"}]
    )
    note: str = Field("", max_length=200)


class CalendarPatch(Schema):
    """Its name."""

    name: str = Field(..., min_length=1, max_length=80)


class VersionIn(Schema):
    """What it says from a day on; null corrects the first version."""

    valid_from: date | None = Field(None, examples=["2027-01-01"])
    definition: Definition = Field(
        ..., examples=[{"hours": {"mon": ["09:00-12:00", "13:00-18:00"]}, "holidays": "CN"}]
    )
    note: str = Field("", max_length=200)


class CalendarVersionOut(Schema):
    """A version."""

    id: int
    valid_from: date | None
    definition: dict[str, Any]
    note: str
    made_at: datetime
    made_by_id: int | None


class UseOut(Schema):
    """Whom it holds for: the organisation, a role, or a customer."""

    is_default: bool
    role: str
    account_id: int | None


class CalendarOut(Schema):
    """A calendar with its versions and the roles it holds for."""

    id: int
    key: str
    name: str
    zone: str
    versions: list[CalendarVersionOut]
    uses: list[UseOut]

    @staticmethod
    def resolve_uses(row: Any) -> list[Any]:
        """Of customers, only their number is told elsewhere, by territory."""
        return [use for use in row.uses.all() if use.account_id is None]


class UseIn(Schema):
    """Which calendar holds for a role, or without one for the organisation; null: none of their own."""

    calendar_id: Number | None = None
    role: str = Field("", max_length=10, examples=["service"])


class Asked(Schema):
    """From a moment on, either so much service time, or up to another moment; by the calendar of a role, else of the
    organisation."""

    start: When
    minutes: Annotated[float | None, Field(ge=0, le=1_000_000)] = None
    end: When | None = None
    role: str = Field("", max_length=10)


class ServiceTime(Schema):
    """Both ends and the service time between them."""

    start: datetime
    end: datetime
    minutes: float


def _written(body: Definition) -> dict[str, Any]:
    return {name: value for name, value in body.dict().items() if value not in (None, [])}


@router.get(
    "/calendars", auth=Allow("calendars.view"), response=list[CalendarOut], summary="List business calendars"
)
def list_calendars(request: HttpRequest) -> Any:
    """All of them, by name. Without any, and where none is chosen, the one that ships counts."""
    return BusinessCalendar.objects.prefetch_related("versions", "uses")


@router.post(
    "/calendars",
    auth=Allow("calendars.edit"),
    response={201: CalendarOut},
    summary="Add a business calendar",
)
def create_calendar(request: HttpRequest, body: CalendarIn) -> Any:
    """422 names the field that is wrong."""
    return 201, actions.add_calendar(
        **body.dict(exclude={"definition"}), definition=_written(body.definition), by=actor_of(request),
        at=timezone.now(),
    )  # fmt: skip


@router.get(
    "/calendars/service-time",
    auth=Allow("calendars.view"),
    response=ServiceTime,
    summary="Reckon with service time",
)
def reckon_service_time(request: HttpRequest, asked: Query[Asked]) -> Any:
    """When so much service time is over, or how much lies between two moments. Moments carry their offset."""
    if (asked.minutes is None) == (asked.end is None):
        raise HttpError(422, "minutes: give either minutes or end.")
    if asked.start.tzinfo is None or (asked.end is not None and asked.end.tzinfo is None):
        raise HttpError(422, "start: a moment carries its offset, such as 2026-11-06T16:30:00+08:00.")
    calendar = calendar_for(role=asked.role)
    try:
        if asked.end is not None:
            passed = service_time_between(calendar=calendar, start=asked.start, end=asked.end)
            return {"start": asked.start, "end": asked.end, "minutes": passed / timedelta(minutes=1)}
        span = timedelta(minutes=asked.minutes or 0)
        end = add_service_time(calendar=calendar, start=asked.start, span=span)
    except (NeverOpen, OverflowError, ValueError) as error:
        raise HttpError(422, f"start: {error}.") from None
    return {"start": asked.start, "end": end, "minutes": asked.minutes}


@router.put(
    "/calendars/use", auth=Allow("calendars.edit"), response={204: None}, summary="Choose where a calendar holds"
)  # fmt: skip
def choose_calendar(request: HttpRequest, body: UseIn) -> Any:
    """For the organisation or a role; a customer's is chosen under /accounts/{id}/calendar."""
    row = None if body.calendar_id is None else get_object_or_404(BusinessCalendar, pk=body.calendar_id)
    actions.use_calendar(calendar=row, role=body.role, by=actor_of(request), at=timezone.now())
    return 204, None


@router.get(
    "/calendars/{int:pk}",
    auth=Allow("calendars.view"),
    response=CalendarOut,
    summary="Read a business calendar",
)
def read_calendar_row(request: HttpRequest, pk: int) -> Any:
    """With all versions."""
    return get_object_or_404(BusinessCalendar, pk=pk)


@router.patch(
    "/calendars/{int:pk}", auth=Allow("calendars.edit"), response=CalendarOut, summary="Rename a calendar"
)
def update_calendar(request: HttpRequest, pk: int, body: CalendarPatch) -> Any:
    """Its zone stays: what was measured by it would change."""
    row = get_object_or_404(BusinessCalendar, pk=pk)
    return actions.rename_calendar(calendar=row, name=body.name, by=actor_of(request), at=timezone.now())


@router.delete(
    "/calendars/{int:pk}", auth=Allow("calendars.edit"), response={204: None}, summary="Remove a calendar"
)
def delete_calendar(request: HttpRequest, pk: int) -> Any:
    """422 while it holds for anybody."""
    row = get_object_or_404(BusinessCalendar, pk=pk)
    actions.remove_calendar(calendar=row, by=actor_of(request), at=timezone.now())
    return 204, None


@router.put(
    "/calendars/{int:pk}/versions",
    auth=Allow("calendars.edit"),
    response=CalendarVersionOut,
    summary="Change a calendar from a day on",
)
def put_version(request: HttpRequest, pk: int, body: VersionIn) -> Any:
    """A version of the same day is replaced; others stay. What is open is measured anew."""
    row = get_object_or_404(BusinessCalendar, pk=pk)
    return actions.set_version(
        calendar=row, valid_from=body.valid_from, definition=_written(body.definition), note=body.note,
        by=actor_of(request), at=timezone.now(),
    )  # fmt: skip


@router.delete(
    "/calendar-versions/{int:pk}",
    auth=Allow("calendars.edit"),
    response={204: None},
    summary="Remove a version of a calendar",
)
def delete_version(request: HttpRequest, pk: int) -> Any:
    """The version before it counts on; the first one stays."""
    version = get_object_or_404(CalendarVersion.objects.select_related("calendar"), pk=pk)
    actions.remove_version(version=version, by=actor_of(request), at=timezone.now())
    return 204, None
