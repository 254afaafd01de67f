"""How numbers, money, shares and times are written for a reader. Text, no HTML; language from gettext."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from bihuan.base.money import SYMBOLS, reporting_currency

Number = int | float | Decimal
NOTHING = "–"
UNITS = tuple(Decimal(1).scaleb(-places) for places in range(9))
CHINESE_STEPS = ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
LATIN_STEPS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


def number(value: Number | None, places: int = 0) -> str:
    """1234.5 → "1,235"; a dash for nothing; a true minus sign."""
    if value is None:
        return NOTHING
    if type(value) is int and places == 0:
        return signed(f"{value:,}")
    return signed(f"{rounded(value, places):,f}")


def compact(value: Number | None) -> str:
    """A headline number: "3.2M", in Chinese "320 万"; small numbers stay as they are."""
    if value is None:
        return NOTHING
    chinese = (get_language() or "").startswith("zh")
    size = abs(Decimal(str(value)))
    for step, word in CHINESE_STEPS if chinese else LATIN_STEPS:
        if size >= step:
            scaled = Decimal(str(value)) / step
            places = 0 if abs(scaled) >= 100 else 1
            text = f"{rounded(scaled, places):,f}".removesuffix(".0")
            return signed(f"{text} {word}" if chinese else f"{text}{word}")
    return number(value)


def money(value: Number | None, currency: str = "", *, short: bool = False) -> str:
    """480000 → "¥480,000"; cents only when there are some; `short` gives the headline form."""
    if value is None:
        return NOTHING
    currency = currency or reporting_currency()
    sign = SYMBOLS.get(currency, f"{currency} ")
    size = abs(exactly(value))
    minus = "−" if value < 0 else ""
    if short:
        return f"{minus}{sign}{compact(size)}"
    places = 0 if size >= 10_000 or size == size.to_integral_value() else 2
    return f"{minus}{sign}{rounded(size, places):,f}"


def percent(value: Number | None, places: int = 0) -> str:
    """0.254 → "25%"."""
    return NOTHING if value is None else signed(f"{rounded(Decimal(str(value)) * 100, places):f}%")


def listed(words: Iterable[object]) -> str:
    """Words in a row: "a, b", in Chinese "a、b"."""
    return gettext(", ").join(str(word) for word in words)


def change(value: Number | None) -> str:
    """A difference with its sign: "+4", "−12", "±0"."""
    if value is None:
        return ""
    whole = rounded(value, 0)
    return "±0" if whole == 0 else signed(f"{whole:+,f}")


def rounded(value: Number, places: int) -> Decimal:
    """Half away from zero, as on paper; never minus zero."""
    return exactly(value).quantize(UNITS[places], rounding=ROUND_HALF_UP) + 0


def exactly(value: Number) -> Decimal:
    """The number as it is written, not as a float holds it."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def signed(text: str) -> str:
    """A typographic minus instead of a hyphen; never "−0"."""
    return text.replace("-", "−")


def day(value: date | None) -> str:
    """ISO date, which reads the same in both languages; of a moment, its day in the organisation's zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return NOTHING if value is None else value.isoformat()


def exact(value: datetime | date | None) -> str:
    """The exact time in the organisation's zone, for a title."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat()


def clock(value: datetime | None, *, now: datetime) -> str:
    """The time of day to the second, with the date in front when it is not today, and the year when it is another."""
    if value is None:
        return NOTHING
    local, here = timezone.localtime(value), timezone.localtime(now)
    if local.date() == here.date():
        return local.strftime("%H:%M:%S")
    return local.strftime("%m-%d %H:%M:%S" if local.year == here.year else "%Y-%m-%d %H:%M:%S")


def ago(value: datetime | date | None, *, now: datetime) -> str:
    """Relative within a week, the date beyond. Both directions."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        local, here = timezone.localtime(value), timezone.localtime(now)
        near = near_time(here - local)
        if near and local.date() == here.date():
            return near
        return relative_day(local.date(), today=here.date())
    return relative_day(value, today=timezone.localtime(now).date())


def near_time(past: timedelta) -> str:
    """Minutes and hours, either way; empty when a day word says it better."""
    minutes = int(past.total_seconds() // 60)
    if minutes < 0:
        return ""
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return ngettext("%(count)d min ago", "%(count)d min ago", minutes) % {"count": minutes}
    hours = minutes // 60
    return ngettext("%(count)d h ago", "%(count)d h ago", hours) % {"count": hours}


def relative_day(value: date, *, today: date) -> str:
    """Today, yesterday, 3 days ago, in 5 days, or the date."""
    days = (today - value).days
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    if days == -1:
        return gettext("tomorrow")
    if 0 < days <= 7:
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    if -7 <= days < 0:
        return ngettext("in %(count)d day", "in %(count)d days", -days) % {"count": -days}
    return value.isoformat()


def days_until(value: int | None) -> str:
    """Days to a date, as "52 d"; "today"; "9 d ago"."""
    return NOTHING if value is None else days_in_words(value, get_language())


@lru_cache(maxsize=4096)
def days_in_words(value: int, language: str | None) -> str:
    """The same, remembered. `language` is the reader's."""
    if value == 0:
        return gettext("today")
    if value < 0:
        return gettext("%(count)s d ago") % {"count": number(-value)}
    return gettext("%(count)s d") % {"count": number(value)}
