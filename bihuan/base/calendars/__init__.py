"""Business calendars: which moments are service time. What is exported here is pure: no Django, no clock."""

from bihuan.base.calendars.calendar import Calendar, Version, Versions
from bihuan.base.calendars.hours import Day, Hours, NeverOpen
from bihuan.base.calendars.reading import CalendarError, announced_until, holidays_of, read_calendar
from bihuan.base.calendars.service_time import add_service_time, service_time_between, working_day

__all__ = [
    "Calendar",
    "CalendarError",
    "Day",
    "Hours",
    "NeverOpen",
    "Version",
    "Versions",
    "add_service_time",
    "announced_until",
    "holidays_of",
    "read_calendar",
    "service_time_between",
    "working_day",
]
