"""A year of a calendar as twelve months of days: what each day is, in a mark and in words, never by colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import formats, translation
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.base.calendars import Day, Versions, announced_until, holidays_of
from bihuan.base.ui.nav import Text

#: Kind of a day → what it is called, and the letter that stands beside the number.
KINDS: dict[str, tuple[Text, Text]] = {
    "worked": (gettext_lazy("Worked"), ""),
    "off": (gettext_lazy("Not worked"), ""),
    "holiday": (gettext_lazy("Holiday"), pgettext_lazy("mark of a holiday", "H")),
    "makeup": (gettext_lazy("Make-up workday"), pgettext_lazy("mark of a make-up workday", "W")),
    "closed": (gettext_lazy("Closed on this day"), "×"),
    "open": (gettext_lazy("Open on this day"), "+"),
}


@dataclass(frozen=True, kw_only=True)
class DayCell:
    """One day: its number, kind and mark, and what it says in words."""

    number: int
    kind: str
    mark: Text
    words: str


@dataclass(frozen=True, kw_only=True)
class MonthTable:
    """A month: its name, and weeks of seven cells, Monday first; None outside the month."""

    name: str
    weeks: list[list[DayCell | None]]


def months_of(
    *, versions: Versions, written: list[tuple[date | None, Mapping[str, Any]]], year: int
) -> list[MonthTable]:
    """Twelve months. `written` are the definitions of the versions in order, which say why a day is as it is."""
    told = _Told(written, year)
    return [_month(versions, told, year, month) for month in range(1, 13)]


def written_spans(spans: Day) -> str:
    """9:00–12:00, 13:00–18:00."""
    return ", ".join(f"{a // 60}:{a % 60:02}–{b // 60}:{b % 60:02}" for a, b in spans)


def unannounced(definitions: list[Mapping[str, Any]], year: int) -> bool:
    """Whether one follows China's holidays, and the make-up workdays of the year are not known yet."""
    last = announced_until("CN") if any(one.get("holidays") == "CN" for one in definitions) else None
    return last is not None and year > last


def _month(versions: Versions, told: "_Told", year: int, month: int) -> MonthTable:
    day = date(year, month, 1)
    row: list[DayCell | None] = [None] * day.weekday()
    weeks = []
    while day.month == month:
        row.append(told.cell(day, versions))
        if len(row) == 7:
            weeks.append(row)
            row = []
        day += timedelta(days=1)
    if row:
        weeks.append(row + [None] * (7 - len(row)))
    empty: list[list[DayCell | None]] = [[None] * 7 for _week in range(6 - len(weeks))]
    return MonthTable(name=formats.date_format(date(year, month, 1), "F"), weeks=weeks + empty)


class _Told:
    """Why the days of a year are as they are."""

    def __init__(self, written: list[tuple[date | None, Mapping[str, Any]]], year: int) -> None:
        self._written = written
        language = "zh_CN" if (translation.get_language() or "").startswith("zh") else "en_US"
        countries = {one["holidays"] for _day, one in written if one.get("holidays")}
        self._holidays = {
            country: holidays_of(country=country, year=year, language=language) for country in countries
        }

    def cell(self, day: date, versions: Versions) -> DayCell:
        """A day with its words."""
        spans = versions.hours(day)
        kind, name = self._kind(day, spans)
        title, mark = KINDS[kind]
        words = [formats.date_format(day, "SHORT_DATE_FORMAT"), name or str(title), written_spans(spans)]
        return DayCell(number=day.day, kind=kind, mark=mark, words=" · ".join(w for w in words if w))

    def _kind(self, day: date, spans: Day) -> tuple[str, str]:
        definition = next(
            (one for since, one in reversed(self._written) if since is None or since <= day),
            self._written[0][1],
        )
        names, makeup = self._holidays.get(str(definition.get("holidays")), ({}, frozenset()))
        iso = day.isoformat()
        if any(str(one).split()[0] == iso for one in definition.get("open", ())):
            return "open", ""
        if iso in definition.get("closed", ()):
            return "closed", ""
        if day in makeup:
            return "makeup", ""
        if day in names:
            return "holiday", names[day]
        return ("worked" if spans else "off"), ""
