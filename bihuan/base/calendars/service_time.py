"""Service time: what passes while a calendar is open."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from bihuan.base.calendars.hours import Hours

_TICK = timedelta(microseconds=1)


def add_service_time(*, calendar: Hours, start: datetime, span: timedelta) -> datetime:
    """The moment, in UTC, at which `span` of service time from `start` on is over: the earliest one.

    Friday 16:30 and an hour, with closing at 17:00 and opening at 9:00, is Monday 9:30; and half an hour is Friday 17:00.
    A negative span goes back: the latest moment from which so much passes until `start`. NeverOpen when ten years do not
    have so much; ValueError for a moment without a zone.
    """
    us = span // _TICK
    if us == 0 and start.tzinfo is not None:
        return start.astimezone(UTC)
    return calendar.after(start, us) if us >= 0 else calendar.ahead(start, -us)


def service_time_between(*, calendar: Hours, start: datetime, end: datetime) -> timedelta:
    """The service time from `start` to `end`; negative when `end` is the earlier one. ValueError for a moment without a
    zone."""
    return timedelta(microseconds=calendar.between(start, end))


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
