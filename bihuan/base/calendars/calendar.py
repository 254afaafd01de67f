"""A calendar: hours by weekday and the days that differ. Versions of one: which of them counts on which day."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bihuan.base.calendars.hours import DAY_MINUTES, Day, Hours


@dataclass(frozen=True, kw_only=True)
class Calendar(Hours):
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

    def hours(self, day: date) -> Day:
        """The spans of a day."""
        return self._special.get(day, self.week[day.weekday()])


@dataclass(frozen=True, kw_only=True)
class Version:
    """A calendar that counts from a day on; None: always before the others."""

    valid_from: date | None
    calendar: Calendar


@dataclass(frozen=True, kw_only=True)
class Versions(Hours):
    """A calendar that has changed: the hours of a day come from the version that is valid on that day.

    Before the first version's day that first one counts. ValueError without a version, with two from the same day, or with
    two zones.
    """

    versions: tuple[Version, ...]

    def __post_init__(self) -> None:
        if len({version.calendar.zone for version in self.versions}) != 1:
            raise ValueError("versions of a calendar are one or more, of one zone")
        if len({version.valid_from for version in self.versions}) != len(self.versions):
            raise ValueError("two versions of a calendar are valid from the same day")

    @property
    def zone(self) -> str:  # type: ignore[override]  # the base names it; here it is that of every version
        """The zone whose clock counts."""
        return self.versions[0].calendar.zone

    @cached_property
    def _in_order(self) -> tuple[list[date], list[Calendar]]:
        ordered = sorted(self.versions, key=lambda version: version.valid_from or date.min)
        return [version.valid_from or date.min for version in ordered], [one.calendar for one in ordered]

    def valid_on(self, day: date) -> Calendar:
        """The version that counts on a day."""
        days, calendars = self._in_order
        return calendars[max(0, bisect_right(days, day) - 1)]

    def hours(self, day: date) -> Day:
        """The spans of a day."""
        return self.valid_on(day).hours(day)
