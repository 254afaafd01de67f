"""A calendar as it is written down: days, hours, and what differs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays

from bihuan.base.calendars.calendar import Calendar
from bihuan.base.calendars.hours import DAY_MINUTES, Day

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS = ("days", "hours", "holidays", "closed", "open")
MOST_SPANS = 4
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


class CalendarError(ValueError):
    """A calendar that cannot be read; `field` names the place, the message the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


def read_calendar(raw: Any, *, zone: str, years: Iterable[int]) -> Calendar:
    """`{days, hours, holidays, closed, open}`, all of which may be left out: Monday to Friday, 9:00 to 18:00.

    Or a text of spans and a country, such as "09:00-12:00 13:00-18:00 CN".

    `days`: weekdays such as [mon, sat]; `hours`: spans such as ["09:00-12:00", "13:00-18:00"], or instead of both the spans
    of each weekday, {mon: [...], sat: ["09:00-12:00"]}; `holidays`: a country such as CN, whose holidays in `years` are off
    and whose make-up workdays are worked; `closed` and `open`: single days, which say more than the rest. A single open day
    may say its spans, "2026-10-10 09:00-12:00"; without any it has those of the first weekday that is worked, as a make-up
    workday has. CalendarError names the field.
    """
    if isinstance(raw, str):
        raw = _of_text(raw)
    if not isinstance(raw, Mapping):
        raise CalendarError("", f"write {{days, hours, holidays, closed, open}}, not {raw!r}")
    for name in raw:
        if name not in FIELDS:
            raise CalendarError(str(name), f"there is: {', '.join(FIELDS)}")
    week = _week(raw)
    usual = next(spans for spans in week if spans)
    special: dict[date, Day] = {}
    if raw.get("holidays") is not None:
        special |= _of_country(raw["holidays"], hours=usual, years=years)
    special |= {day: () for day, _spans in _days(raw.get("closed", []), "closed")}
    special |= {day: spans or usual for day, spans in _days(raw.get("open", []), "open")}
    return Calendar(week=week, special=tuple(sorted(special.items())), zone=zone)  # type: ignore[arg-type]  # seven days, as WEEKDAYS are


def announced_until(country: str) -> int | None:
    """The last year whose make-up workdays are known, for a country that announces them every year (China); else None."""
    announced: Any = getattr(holidays.country_holidays(country), "special_public_holidays", None)
    return max(announced) if country == "CN" and announced else None


def _of_text(raw: str) -> dict[str, Any]:
    words = raw.split()
    spans = [word for word in words if _SPAN.fullmatch(word)]
    others = [word for word in words if word not in spans]
    if not words or len(others) > 1:
        raise CalendarError("", f"write spans and a country such as 09:00-18:00 CN, not {raw!r}")
    return ({"hours": spans} if spans else {}) | ({"holidays": others[0]} if others else {})


def _week(raw: Mapping[str, Any]) -> tuple[Day, ...]:
    hours = raw.get("hours", ["09:00-18:00"])
    if isinstance(hours, Mapping):
        if "days" in raw:
            raise CalendarError("days", "hours by weekday say which days are worked: leave days out")
        if not hours or any(day not in WEEKDAYS for day in hours):
            raise CalendarError("hours", f"write spans by {', '.join(WEEKDAYS)}, not {hours!r}")
        by_day = {day: _spans(spans) for day, spans in hours.items()}
        return tuple(by_day.get(name, ()) for name in WEEKDAYS)
    days = raw.get("days", list(WEEKDAYS[:5]))
    if not isinstance(days, (list, tuple)) or not days or any(day not in WEEKDAYS for day in days):
        raise CalendarError("days", f"write a list of {', '.join(WEEKDAYS)}, not {days!r}")
    spans = _spans(hours)
    return tuple(spans if name in days else () for name in WEEKDAYS)


def _spans(raw: Any, field: str = "hours") -> Day:
    if not isinstance(raw, (list, tuple)) or not 1 <= len(raw) <= MOST_SPANS:
        raise CalendarError(
            field, f"write a list of 1 to {MOST_SPANS} spans such as 09:00-12:00, not {raw!r}"
        )
    spans: list[tuple[int, int]] = []
    for one in raw:
        found = _SPAN.fullmatch(str(one).strip())
        if not found or int(found[2]) > 59 or int(found[4]) > 59:
            raise CalendarError(field, f"write a span such as 09:00-12:00, not {one!r}")
        begin, end = (60 * int(found[n]) + int(found[n + 1]) for n in (1, 3))
        if not begin < end <= DAY_MINUTES or (spans and begin < spans[-1][1]):
            raise CalendarError(field, f"{one!r} does not follow the span before it within the day")
        spans.append((begin, end))
    return tuple(spans)


def _days(raw: Any, field: str) -> list[tuple[date, Day]]:
    if not isinstance(raw, (list, tuple)) or len(raw) > 1_000:
        raise CalendarError(field, f"write a list of days such as 2026-10-01, not {raw!r}")
    found: list[tuple[date, Day]] = []
    for one in raw:
        day, *spans = [one.isoformat()] if type(one) is date else (str(one).split() or [""])
        if spans and field == "closed":
            raise CalendarError(field, f"a closed day has no spans: write 2026-10-01, not {one!r}")
        try:
            when = date.fromisoformat(day)
        except ValueError:
            raise CalendarError(field, f"write days such as 2026-10-01, not {raw!r}") from None
        found.append((when, _spans(spans, field) if spans else ()))
    return found


def _of_country(country: Any, *, hours: Day, years: Iterable[int]) -> dict[date, Day]:
    if not isinstance(country, str) or country not in _countries():
        raise CalendarError("holidays", f"write a country by its two letters such as CN, not {country!r}")
    days: dict[date, Day] = {}
    for year in years:
        off, worked = _year(country, year)
        days |= dict.fromkeys(off, ()) | dict.fromkeys(worked, hours)
    return days


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def holidays_of(*, country: str, year: int, language: str) -> tuple[dict[date, str], frozenset[date]]:
    """The holidays of a year by name, in the language if the library speaks it ("zh_CN", "en_US"), and the make-up
    workdays."""
    speaks = holidays.country_holidays(country).supported_languages
    found = holidays.country_holidays(country, years=year, language=language if language in speaks else None)
    off, worked = _year(country, year)
    names = {day: str(name) for day, name in found.items()}
    for day in sorted(off):  # a weekend in the middle of a holiday is called as the day before it
        names.setdefault(day, names.get(day - timedelta(days=1), ""))
    return names, frozenset(worked)


@lru_cache(maxsize=256)
def _year(country: str, year: int) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The holidays and the make-up workdays of a year. The library tells make-up workdays of other years too, and leaves out
    the weekends in the middle of China's holidays, which matter to those who work on weekends."""
    found = holidays.country_holidays(country, years=year)
    worked = {day for day in getattr(found, "weekend_workdays", None) or () if day.year == year}
    off = set(found)
    if country == "CN":
        off |= {day for day in _weekends_between(off) if day not in worked}
    return tuple(sorted(off)), tuple(sorted(worked))


def _weekends_between(off: set[date]) -> Iterator[date]:
    for day in off:
        gap = []
        after = day + timedelta(days=1)
        while after not in off and after.weekday() >= 5:
            gap.append(after)
            after += timedelta(days=1)
        if after in off:
            yield from gap
