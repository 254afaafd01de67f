"""Working calendars: which moments are working time. Pure: no Django, no clock."""

from bihuan.base.calendars.calendar import Calendar, Day, NeverOpen
from bihuan.base.calendars.reading import CalendarError, read_calendar

__all__ = ["Calendar", "CalendarError", "Day", "NeverOpen", "read_calendar"]
