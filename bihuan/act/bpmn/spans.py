"""Spans of time as people and as ISO 8601 write them."""

import re
from datetime import timedelta

_OURS = re.compile(r"\s*(?:(\d+(?:\.\d+)?)\s*d)?\s*(?:(\d+(?:\.\d+)?)\s*h)?\s*(?:(\d+(?:\.\d+)?)\s*m)?\s*")
_ISO = re.compile(
    r"P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_LITERAL = re.compile(
    r"P[\dTWDHMS.]+|R\d*/P.+|\d{4}-\d\d-\d\d.*|[\d.]+ ?[dhm]( [\d.]+ ?[dhm])*", re.IGNORECASE
)
_ROUNDS = re.compile(r"R(\d{0,9})/(P.+)", re.IGNORECASE)
MOST_DAYS = 3_650
#: A cycle without an end is ended after so many rounds: nobody waits for the thousandth.
MOST_ROUNDS = 1_000


class SpanError(ValueError):
    """A span that cannot be read; the message says how to write one."""


def is_literal(text: str) -> bool:
    """Whether a timer's text is a span, a moment or rounds as it stands, and not a rule that gives one."""
    return _LITERAL.fullmatch(text) is not None


def read_rounds(text: str) -> tuple[int, str]:
    """(how often, the span) of R3/PT1H; R/PT1H goes on until MOST_ROUNDS. SpanError for others."""
    found = _ROUNDS.fullmatch(text)
    if not found:
        raise SpanError(f"write rounds such as R3/PT1H, not {text!r}")
    return min(int(found[1] or MOST_ROUNDS), MOST_ROUNDS), found[2]


def parts_of(text: str) -> tuple[str, str, str] | None:
    """(days, hours, minutes) of "1d 4h" as they are written, "" for what is not there; None for what is written otherwise."""
    found = _OURS.fullmatch(text)
    return (found[1] or "", found[2] or "", found[3] or "") if found and any(found.groups()) else None


def read_span(text: str, *, day: timedelta = timedelta(days=1)) -> timedelta:
    """ "1d 4h", "30m", "PT4H", "P1DT2H"; a day is `day` long (a working day has fewer hours). SpanError for others and for
    nothing at all."""
    found, iso = _OURS.fullmatch(text), _ISO.fullmatch(text.strip().upper())
    if found and any(found.groups()):
        days, hours, minutes = (float(one or 0) for one in found.groups())
        weeks = seconds = 0.0
    elif iso and any(iso.groups()):
        weeks, days, hours, minutes, seconds = (float(one or 0) for one in iso.groups())
    else:
        raise SpanError(f"write a span such as 30m, 4h, 2d or PT4H, not {text!r}")
    if (
        weeks * 7 + days > MOST_DAYS
        or hours > MOST_DAYS * 24
        or max(minutes, seconds / 60) > MOST_DAYS * 1_440
    ):
        raise SpanError(f"a span is at most ten years long, not {text!r}")
    return (7 * weeks + days) * day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
