"""Service time of the right calendar: the customer's, else the role's, else the organisation's."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bihuan.act.bpmn.running import Surroundings
from bihuan.act.bpmn.spans import read_span
from bihuan.act.processes.queries import asked_by
from bihuan.base.calendars import add_service_time, service_time_between, working_day
from bihuan.base.calendars.queries import calendar_for

WALL = "wall"


def due_of(
    span: str, *, start: datetime, account_id: int | None, role: str, calendar: str
) -> datetime | None:
    """When a span such as 4h or 2d is over; None without one. A d is a working day of the calendar."""
    if not span:
        return None
    if calendar == WALL:
        return start + read_span(span)
    found = calendar_for(account_id=account_id, role=role)
    return add_service_time(calendar=found, start=start, span=read_span(span, day=working_day(found, on=start)))


def spent(*, start: datetime, end: datetime, account_id: int | None, role: str, calendar: str) -> timedelta:
    """Service time between two moments; zero when the second is the earlier one."""
    if end <= start:
        return timedelta(0)
    if calendar == WALL:
        return end - start
    return service_time_between(
        calendar=calendar_for(account_id=account_id, role=role), start=start, end=end
    )


def surroundings(*, version_id: int, account_id: int | None, at: datetime) -> Surroundings:
    """What a run of an instance asks of the world."""
    return Surroundings(at=at, due_after=_after(account_id), decide=asked_by(version_id))


def _after(account_id: int | None) -> Callable[[datetime, timedelta, str], datetime]:
    def after(start: datetime, span: timedelta, calendar: str) -> datetime:
        if calendar == WALL:
            return start + span
        found = calendar_for(account_id=account_id, role="")
        days, rest = divmod(span, timedelta(days=1))
        return add_service_time(
            calendar=found, start=start, span=days * working_day(found, on=start) + rest
        )

    return after
