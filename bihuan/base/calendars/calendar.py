"""Working time between two moments, and the moment at which so much of it is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
MOST_DAYS = 3_700
#: Spans of a day as minutes from midnight by the wall clock: ((540, 720), (780, 1080)) is 9–12 and 13–18.
Day = tuple[tuple[int, int], ...]


class NeverOpen(ValueError):
    """There is not so much working time within ten years."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Hours by weekday (Monday first), days that differ from their weekday, and the zone whose clock counts.

    Spans of a day are in order and do not overlap; a day without spans is off. ValueError for others.
    """

    week: tuple[Day, Day, Day, Day, Day, Day, Day]
    special: tuple[tuple[date, Day], ...] = ()
    zone: str = "UTC"

    def __post_init__(self) -> None:
        for spans in (*self.week, *(day for _date, day in self.special)):
            bounds = [bound for span in spans for bound in span]
            rising = all(a < b for a, b in spans) and bounds == sorted(bounds)
            if not rising or any(not 0 <= bound <= DAY_MINUTES for bound in bounds):
                raise ValueError(
                    f"spans of a day follow each other between 0 and {DAY_MINUTES}, not {spans!r}"
                )

    @cached_property
    def _special(self) -> dict[date, Day]:
        return dict(self.special)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def hours(self, day: date) -> Day:
        """The spans of a day."""
        return self._special.get(day, self.week[day.weekday()])

    def open_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """When work begins and ends on a day, in UTC; a span that the changed clock leaps over is left out."""
        moments = [(self._at(day, begin), self._at(day, end)) for begin, end in self.hours(day)]
        return [(begin, end) for begin, end in moments if begin < end]

    def _at(self, day: date, minutes: int) -> datetime:
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone follows
        return wall.replace(tzinfo=self._zone).astimezone(UTC)

    def working(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments; nothing when the second is the earlier one."""
        start, end, whole = start.astimezone(UTC), end.astimezone(UTC), timedelta(0)
        for begins, ends in self._from(start, until=end):
            whole += max(timedelta(0), min(end, ends) - max(start, begins))
        return whole

    def deadline(self, start: datetime, span: timedelta) -> datetime:
        """The earliest moment from `start` on, in UTC, until which `span` of working time is over; NeverOpen when there is
        none."""
        start, rest = start.astimezone(UTC), span
        if rest <= timedelta(0):
            return start
        for begins, ends in self._from(start, until=start + timedelta(days=MOST_DAYS)):
            begins = max(start, begins)
            if ends - begins >= rest:
                return begins + rest
            rest -= max(timedelta(0), ends - begins)
        raise NeverOpen(f"the calendar has no {span} of working time in {MOST_DAYS} days")

    def _from(self, start: datetime, *, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of every day that has a moment between the two."""
        day, last = start.astimezone(self._zone).date(), until.astimezone(self._zone).date()
        while day <= last:
            yield from self.open_on(day)
            day += timedelta(days=1)
