"""The rhythm of a Chinese working year, as numbers the simulator multiplies with."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np

from .arrays import Floats, Ints

WORKDAY = 1.0
WEEKEND = 0.12
HOLIDAY = 0.04
MAKE_UP = 0.88  # a weekend day worked for a bridge (调休)
BY_WEEKDAY = (1.02, 1.06, 1.04, 1.0, 0.86)
EVE = 0.7  # the last workday before a long holiday empties out


def activity_by_day(*, first: date, days: int) -> Floats:
    """How busy each day is; an ordinary Thursday is 1.0."""
    china = holidays.country_holidays("CN", years=range(first.year - 1, first.year + days // 365 + 3))
    make_up: set[date] = getattr(china, "weekend_workdays", set())
    factor = np.empty(days)
    for n in range(days):
        day = first + timedelta(days=n)
        if day in make_up:
            factor[n] = MAKE_UP
        elif day in china:
            factor[n] = HOLIDAY
        elif day.weekday() >= 5:
            factor[n] = WEEKEND
        else:
            tomorrow = day + timedelta(days=1)
            eve = tomorrow in china and tomorrow.weekday() < 5
            factor[n] = BY_WEEKDAY[day.weekday()] * (EVE if eve else 1.0)
    return factor


def midnights(*, first: date, days: int, zone: str) -> Ints:
    """Local midnight of each day as microseconds since 1970 in UTC."""
    tz = ZoneInfo(zone)
    return np.array(
        [
            int(datetime.combine(first + timedelta(days=n), datetime.min.time(), tz).timestamp()) * 1_000_000
            for n in range(days)
        ],
        dtype=np.int64,
    )


def seconds_of_day(*, workday: bool, size: int = 8192) -> Ints:
    """A table to draw from uniformly: seconds since midnight with the peaks of the day (10:00 and 15:00)."""
    hours = np.array(
        [1, 1, 1, 1, 1, 2, 5, 14, 52, 92, 100, 74, 30, 44, 88, 96, 82, 60, 28, 18, 15, 11, 6, 3], dtype=float
    )
    if not workday:
        hours = np.array(
            [1, 1, 1, 1, 1, 1, 2, 4, 9, 14, 17, 15, 10, 10, 14, 15, 14, 11, 10, 12, 13, 10, 6, 2], dtype=float
        )
    edges = np.concatenate([[0.0], np.cumsum(hours)]) / hours.sum()
    seconds = np.interp((np.arange(size) + 0.5) / size, edges, np.arange(25) * 3600.0)
    return np.asarray(seconds, dtype=np.int64)
