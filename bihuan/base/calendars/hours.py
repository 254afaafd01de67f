"""Whatever has hours on every day: when it is open, how much of it lies between two moments, when so much of it is over.

Days are laid out a month at a time, once: each span as microseconds since 1970 with the service time of the month before
it. A question then looks a moment up by bisection and adds up whole months.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

#: Spans of a day as minutes from midnight by the wall clock: ((540, 720), (780, 1080)) is 9–12 and 13–18.
Day = tuple[tuple[int, int], ...]
DAY_MINUTES = 24 * 60
MOST_MONTHS = 122
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class NeverOpen(ValueError):
    """There is not so much service time within ten years."""


@dataclass(frozen=True, kw_only=True)
class _Month:
    """The spans of a month in µs since 1970; `before` is the service time of the month up to each span, `upto` with it."""

    end: int
    begins: "array[int]"
    ends: "array[int]"
    before: "array[int]"
    upto: "array[int]"

    @property
    def whole(self) -> int:
        return self.upto[-1] if self.upto else 0

    def until(self, us: int) -> int:
        """The service time of the month up to a moment."""
        n = bisect_right(self.begins, us) - 1
        return 0 if n < 0 else self.before[n] + min(us, self.ends[n]) - self.begins[n]


class Hours:
    """A zone and the spans of each day; a Calendar, or Versions of one."""

    zone: str

    def hours(self, day: date) -> Day:
        """The spans of a day."""
        raise NotImplementedError

    def open_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """When work begins and ends on a day, in UTC; a span that the changed clock leaps over is left out."""
        moments = [(self._at(day, begin), self._at(day, end)) for begin, end in self.hours(day)]
        return [(begin, end) for begin, end in moments if begin < end]

    def is_open(self, at: datetime) -> bool:
        """Whether a moment is service time; the end of a span no longer is."""
        us = _us(at)
        month = self._month_of(at, us)[1]
        n = bisect_right(month.begins, us) - 1
        return n >= 0 and us < month.ends[n]

    def next_opening(self, at: datetime) -> datetime:
        """The first moment of service time from `at` on, in UTC, which may be `at` itself; NeverOpen when there is none."""
        us = _us(at)
        number, month = self._month_of(at, us)
        n = bisect_right(month.ends, us)
        if n < len(month.begins):
            return _moment(max(us, month.begins[n]))
        for later in self._months_from(number, 1):
            if later.begins:
                return _moment(later.begins[0])
        raise NeverOpen("the calendar is never open again")

    def between(self, start: datetime, end: datetime) -> int:
        """Service time in µs from `start` to `end`; negative when `end` is the earlier one."""
        a, b = _us(start), _us(end)
        if b < a:
            return -self.between(end, start)
        (n, first), (m, last) = self._month_of(start, a), self._month_of(end, b)
        if n == m:
            return first.until(b) - first.until(a)
        between = sum(self._month(number).whole for number in range(n + 1, m))
        return first.whole - first.until(a) + between + last.until(b)

    def after(self, start: datetime, span: int) -> datetime:
        """The earliest moment from `start` on until which `span` µs are over; NeverOpen when there is none."""
        us = _us(start)
        number, month = self._month_of(start, us)
        rest = month.until(us) + span
        later = self._months_from(number, 1)
        while rest > month.whole:
            rest -= month.whole
            month = next(later, None) or _never(span)
        n = bisect_left(month.upto, rest)
        return _moment(month.begins[n] + rest - month.before[n])

    def ahead(self, start: datetime, span: int) -> datetime:
        """The latest moment up to `start` from which `span` µs pass until it; NeverOpen when there is none."""
        us = _us(start)
        number, month = self._month_of(start, us)
        rest = month.until(us) - span
        earlier = self._months_from(number, -1)
        while rest < 0:
            month = next(earlier, None) or _never(span)
            rest += month.whole
        n = bisect_right(month.before, rest) - 1
        return _moment(month.begins[n] + rest - month.before[n])

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _months(self) -> dict[int, _Month]:
        return {}

    def _months_from(self, number: int, step: int) -> Iterator[_Month]:
        for n in range(1, MOST_MONTHS + 1):
            if not 12 < number + n * step < 12 * 9_999:
                return
            yield self._month(number + n * step)

    def _month_of(self, at: datetime, us: int) -> tuple[int, _Month]:
        """The month of a moment with its number. Where the clock is put back over a month's first midnight, the same date
        is on both sides of it."""
        day = at.astimezone(self._zone)
        number = day.year * 12 + day.month - 1
        month = self._month(number)
        while us >= month.end:
            number, month = number + 1, self._month(number + 1)
        return number, month

    def _month(self, number: int) -> _Month:
        """By its number, twelve a year."""
        if (known := self._months.get(number)) is not None:
            return known
        day, end = date(number // 12, number % 12 + 1, 1), date((number + 1) // 12, (number + 1) % 12 + 1, 1)
        midnight = _us(self._at(end, 0))
        begins, ends, before, upto = (array("q") for _column in range(4))
        whole = 0
        while day < end:
            for opened, closed in self.open_on(day):
                begins.append(_us(opened))
                ends.append(_us(closed))
                before.append(whole)
                whole += ends[-1] - begins[-1]
                upto.append(whole)
            day += timedelta(days=1)
        month = _Month(end=midnight, begins=begins, ends=ends, before=before, upto=upto)
        self._months[number] = month
        return month

    def _at(self, day: date, minutes: int) -> datetime:
        """The moment of a wall time, the earlier of two; for one that the clock leaps over, the moment of the leap."""
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone follows
        moment = wall.replace(tzinfo=self._zone).astimezone(UTC)
        if moment.astimezone(self._zone).replace(tzinfo=None) == wall:
            return moment
        return self._leap(wall.replace(tzinfo=self._zone, fold=1).astimezone(UTC), moment)

    def _leap(self, low: datetime, high: datetime) -> datetime:
        """The first moment with the offset of `high`, to the second."""
        offset = high.astimezone(self._zone).utcoffset()
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            if middle.astimezone(self._zone).utcoffset() == offset:
                high = middle
            else:
                low = middle
        return high


def _us(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its zone, {moment} has none")
    return (moment - _EPOCH) // _TICK


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def _never(span: int) -> _Month:
    raise NeverOpen(f"the calendar has no {timedelta(microseconds=span)} of service time within ten years")
