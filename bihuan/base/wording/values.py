"""Values as a sentence writes them, and the spaces that Chinese wants beside Latin letters and digits."""

import re
from datetime import datetime
from decimal import Decimal

from django.utils.translation import get_language, gettext, ngettext

from bihuan.base.ui.formats import day, money, number

_HAN = "一-鿿"
_LATIN = r"A-Za-z0-9%％¥$€−"
_GAPS = re.compile(rf"(?<=[{_HAN}])(?=[{_LATIN}])|(?<=[{_LATIN}])(?=[{_HAN}])")
MOST_PLACES, LEAST_PLACES = 4, 8


def figure(value: float) -> str:
    """A number with as many places as it has, 4 at most; one that is nearer to 0 has all of its own, 8 at most. ArithmeticError
    for what cannot be written out."""
    exact = Decimal(str(value))
    exact = (round(exact, MOST_PLACES) or round(exact, LEAST_PLACES)).normalize()
    return number(exact, max(0, -int(exact.as_tuple().exponent)))


def written(kind: str, value: float) -> str:
    """A value as its kind is written: "28 days", "20 %", "¥480,000"."""
    if kind == "percent":
        return gettext("%(number)s %%") % {"number": figure(round(value * 100, MOST_PLACES))}
    if kind == "days":
        return ngettext("%(number)s day", "%(number)s days", 1 if value == 1 else 2) % {
            "number": figure(value)
        }
    if kind == "hours":
        return gettext("%(number)s h") % {"number": figure(value)}
    if kind == "money":
        return money(value)
    return figure(value)


def moment(text: str) -> str:
    """The day of a moment such as 2026-03-01T00:00:00Z; ValueError for other texts."""
    return day(datetime.fromisoformat(text).date())


def quoted(text: str) -> str:
    """Between the quotation marks of the language."""
    return gettext("“%(text)s”") % {"text": text}


def inside(title: str) -> str:
    """A title in the middle of a sentence: "Days silent" as "days silent", MRR as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def beginning(sentence: str) -> str:
    """With a capital in front."""
    return sentence[:1].upper() + sentence[1:]


def spaced(sentence: str) -> str:
    """Chinese with a space between Chinese and Latin letters or digits; other languages as they are."""
    return _GAPS.sub(" ", sentence) if (get_language() or "").startswith("zh") else sentence
