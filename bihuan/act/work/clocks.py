"""Service time of the right calendar: the customer's, else the role's, else the organisation's."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache

from bihuan.act.bpmn.running import Surroundings
from bihuan.act.bpmn.spans import read_span
from bihuan.act.processes.queries import asked_by
from bihuan.base.calendars import Hours, add_service_time, service_time_between
from bihuan.base.calendars.queries import calendar_for

WALL = "wall"


def due_of(
    span: str, *, start: datetime, account_id: int | None, role: str, calendar: str, back: bool = False
) -> datetime | None:
    """When a span such as 4h or 2d from `start` on is over, or where it begins that ends there (`back`); None without a span.
    A d is a working day of the calendar."""
    if not span:
        return None
    if calendar == WALL:
        return start - read_span(span) if back else start + read_span(span)
    found = calendar_for(account_id=account_id, role=role)
    whole = read_span(span, day=working_day(found, on=start))
    return add_service_time(calendar=found, start=start, span=-whole if back else whole)


def working_day(calendar: Hours, *, on: datetime) -> timedelta:
    """How long a working day is: the length that most open days of the four weeks around a moment have (the longer of two as
    frequent); a day of 24 hours for a calendar that is never open then."""
    return _working_day(calendar, on.date().toordinal() // 28)


@lru_cache(maxsize=1_000)
def _working_day(calendar: Hours, period: int) -> timedelta:
    days = (date.fromordinal(max(1, period * 28) + one) for one in range(28))
    lengths = [sum(end - begin for begin, end in calendar.hours(day)) for day in days]
    found = Counter(length for length in lengths if length)
    most = max(found, key=lambda length: (found[length], length), default=24 * 60)
    return timedelta(minutes=most)


def spent(*, start: datetime, end: datetime, account_id: int | None, role: str, calendar: str) -> timedelta:
    """Service time between two moments; zero when the second is the earlier one."""
    if end <= start:
        return timedelta(0)
    if calendar == WALL:
        return end - start
    return service_time_between(calendar=calendar_for(account_id=account_id, role=role), start=start, end=end)


def surroundings(*, version_id: int, account_id: int | None, at: datetime) -> Surroundings:
    """What a run of an instance asks of the world."""
    return Surroundings(at=at, due_after=_after(account_id), decide=asked_by(version_id))


def _after(account_id: int | None) -> Callable[[datetime, timedelta, str], datetime]:
    def after(start: datetime, span: timedelta, calendar: str) -> datetime:
        if calendar == WALL:
            return start + span
        found = calendar_for(account_id=account_id, role="")
        days, rest = divmod(span, timedelta(days=1))
        return add_service_time(calendar=found, start=start, span=days * working_day(found, on=start) + rest)

    return after
