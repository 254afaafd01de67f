"""How values of an answer are written for reading, and what cells sort by."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.understand.explore.words import hours, value_title

#: How many seconds the units of durations have.
SECONDS = {"s": 1, "minutes": 60, "hours": 3_600, "d": 86_400}
#: Columns of p-values, which are small.
CHANCES = ("p", "p_alone")


def written(value: Any, *, type: str, unit: str, column: str = "") -> str:
    """A value of a column for reading."""
    if value is None:
        return formats.NOTHING
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, str):
        return str(value_title(value, column=column))
    if column in CHANCES:
        return "< 0.001" if value < 0.001 else formats.number(value, 3)
    if type == "percent":
        return formats.percent(value, 1)
    if type == "money":
        return formats.money(value, unit)
    if unit == "h":
        return hours(value)
    if unit in SECONDS:
        return duration(value * SECONDS[unit])
    return formats.number(value, 0 if round(float(value), 6).is_integer() else 2)


def duration(seconds: float) -> str:
    """45 s, 12 min, 3.5 h, 4.2 d."""
    size = abs(seconds)
    if size < 90:
        return _("%(n)s s") % {"n": formats.number(seconds)}
    if size < 5_400:
        return _("%(n)s min") % {"n": formats.number(seconds / 60)}
    if size < 172_800:
        return _("%(n)s h") % {"n": formats.number(seconds / 3_600, 1)}
    return _("%(n)s d") % {"n": formats.number(seconds / 86_400, 1)}


def raw(value: Any) -> str:
    """What a cell sorts by."""
    return value.isoformat() if isinstance(value, (date, datetime)) else "" if value is None else str(value)
