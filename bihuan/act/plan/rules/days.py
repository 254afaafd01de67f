"""The days of a week: minutes shared out to them, and who does what on which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True)
class Load:
    """What somebody is to do, of so many minutes; on `day`, or on whichever fits."""

    id: int
    minutes: int
    day: date | None = None


def shared_out(minutes: int, *, by_day: Mapping[date, timedelta]) -> dict[date, int]:
    """Minutes in the proportion of the working time of each day, whole ones that add up."""
    whole = sum(by_day.values(), timedelta())
    found, so_far, told = {}, timedelta(), 0
    for day in sorted(by_day):
        so_far += by_day[day]
        until = round(minutes * (so_far / whole)) if whole else 0
        found[day] = until - told
        told = until
    return found


def laid_out(loads: Sequence[Load], *, free: Mapping[date, int]) -> dict[int, date]:
    """A day for each, in the order given, so that what matters most comes first: the first on which it fits, else the one with
    most minutes left, the earliest of several. What has a day keeps it. Nothing without any day."""
    left = dict(sorted(free.items()))
    for one in loads:
        if one.day is not None:
            left[one.day] = left.get(one.day, 0) - one.minutes
    found = {one.id: one.day for one in loads if one.day is not None}
    open_days = [day for day in left if free.get(day, 0) > 0] or list(left)
    for one in loads:
        if one.day is None and open_days:
            fits = [day for day in open_days if left[day] >= one.minutes]
            day = fits[0] if fits else max(open_days, key=lambda day: (left[day], -day.toordinal()))
            left[day] -= one.minutes
            found[one.id] = day
    return found
