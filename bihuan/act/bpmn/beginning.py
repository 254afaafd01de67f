"""When a process begins by itself: the moments that the timer of its start event names, by the wall clock or by a business
calendar.

By the wall clock every hour counts, and a day is 24 hours long. By a calendar, spans in days, weeks, months or years go by the
clock of its zone (9:00 stays 9:00 when the clock is changed), spans with hours are service time; what falls on a closed day
moves to the same time of the next open one, what falls on a closed hour to the next opening.
"""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bihuan.act.bpmn.diagram import Diagram, Timer
from bihuan.act.bpmn.spans import SpanError, read_span
from bihuan.base.calendars import Hours, NeverOpen, add_service_time, service_time_between, working_day

_CYCLE = re.compile(r"R(\d{0,9})/(?:([^/]+)/)?(P[^/]+)", re.IGNORECASE)
_MONTHS = re.compile(r"P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?", re.IGNORECASE)
#: Rounds closer than this would be looked for more often than anybody looks.
SHORTEST = timedelta(minutes=1)
#: Years of which calendars are asked.
KNOWN = range(1_000, 9_000)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A moment at which a process begins. `name` says which round it is and stays the same when a calendar is changed later,
    so that no round begins twice."""

    at: datetime
    name: str


def timer_of(diagram: Diagram) -> Timer | None:
    """What its start waits for, when that is a time."""
    starts = diagram.starts
    return starts[0].timer if len(starts) == 1 and starts[0].event == "timer" else None


def rounds_of(text: str) -> tuple[str, str, str]:
    """(how often, the first time, the span) of rounds such as R10/2026-10-05T09:00:00+08:00/P7D; what is written otherwise is
    all span."""
    found = re.fullmatch(r"R(\d*)/(?:([^/\s]+)/)?(P[^/\s]*)", text)
    return (found[1], found[2] or "", found[3]) if found else ("", "", text)


def last_due(timer: Timer, *, since: datetime, at: datetime, calendar: Hours | None = None) -> Due | None:
    """The latest moment up to `at` at which a process begins that was published at `since`; None when none has come after that,
    and while the calendar is never open. Without a `calendar` by the wall clock. SpanError, with how to write it, for what
    names no moment."""
    try:
        found = _latest(timer, since, at, calendar)
    except (NeverOpen, OverflowError):
        return None
    return found if found is not None and since < found.at <= at else None


def _latest(timer: Timer, since: datetime, at: datetime, calendar: Hours | None) -> Due | None:
    if timer.kind == "date":
        moment = _moment(timer.text)
        return _named(_opened(moment, calendar), moment)
    if timer.kind == "duration":
        span = read_span(timer.text)
        moment = since + span if calendar is None else _served(since, timer.text, calendar, 1)
        return _named(moment, moment if calendar is None else since)
    return _last_round(timer.text, since, at, calendar)


def _named(moment: datetime, of: datetime) -> Due:
    return Due(at=moment, name=of.astimezone(UTC).isoformat())


def _last_round(text: str, since: datetime, at: datetime, calendar: Hours | None) -> Due | None:
    found = _CYCLE.fullmatch(text.strip())
    if not found:
        raise SpanError(f"write rounds such as R/2026-10-05T09:00:00+08:00/P7D or …/P1M, not {text!r}")
    most = int(found[1]) if found[1] else None
    months = _months(found[3])
    span = timedelta(0) if months else read_span(found[3])
    if not months and span < SHORTEST:
        raise SpanError("rounds are at least a minute long")
    if calendar is not None and not months and span % DAY:
        return _last_of_service(found, since, at, calendar, most)
    first = _begun(found[2], since, calendar, months, span)
    rounds = (lambda n: _month_on(first, n * months)) if months else (lambda n: first + n * span)
    number = _last_number(
        lambda n: _opened(_in_utc(rounds(n)), calendar), _rough(first, at, months, span), at
    )
    number = number if most is None else min(number, most - 1)
    if number < 0:
        return None
    nominal = _in_utc(rounds(number))
    return _named(_opened(nominal, calendar), nominal)


def _months(text: str) -> int:
    """How many months P1M, P3M or P1Y are; 0 for spans without months."""
    found = _MONTHS.fullmatch(text)
    return int(found[1] or 0) * 12 + int(found[2] or 0) if found else 0


def _begun(
    text: str | None, since: datetime, calendar: Hours | None, months: int, span: timedelta
) -> datetime:
    """The first round, by the clock that counts: the calendar's, else the one it is written with, which never changes."""
    if calendar is not None:
        zone = ZoneInfo(calendar.zone)
        first = (_moment(text) if text else since).astimezone(zone)
    else:
        first = _written(text) if text else since
    if text:
        return first
    return _month_on(first, months) if months else first + span


def _month_on(first: datetime, months: int) -> datetime:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    if year not in KNOWN:
        raise OverflowError("so late nothing is due")
    return first.replace(year=year, month=month + 1, day=min(first.day, monthrange(year, month + 1)[1]))


def _rough(first: datetime, at: datetime, months: int, span: timedelta) -> int:
    """A round that is not due yet at `at`; the first ones are before it."""
    if first > at:
        return 1
    if months:
        return ((at.year - first.year) * 12 + at.month - first.month) // months + 2
    return (at - first + DAY) // span + 2


def _last_number(moment: Callable[[int], datetime], before: int, at: datetime) -> int:
    """The last of the rounds 0, 1, … that is due, looked for by halves; -1 for none."""

    def due(number: int) -> bool:
        try:
            return moment(number) <= at
        except (NeverOpen, OverflowError):
            return False

    return bisect_right(range(before), False, key=lambda number: not due(number)) - 1


def _last_of_service(
    found: re.Match[str], since: datetime, at: datetime, calendar: Hours, most: int | None
) -> Due | None:
    """Rounds of so much service time each, counted from the first one."""
    text = found[3]
    start = _opened(_moment(found[2]), calendar) if found[2] else since
    if start > at:
        return None
    passed = service_time_between(calendar=calendar, start=start, end=at) // _service(text, calendar, start)
    number = passed if most is None else min(passed, most - 1 if found[2] else most)
    if number < (0 if found[2] else 1):
        return None
    moment = _served(start, text, calendar, number)
    of = _moment(found[2]) if found[2] else since
    return Due(at=moment, name=f"{of.astimezone(UTC).isoformat()}+{number}")


def _service(text: str, calendar: Hours, start: datetime) -> timedelta:
    """A span as service time: a day of it is a working day."""
    return max(read_span(text, day=working_day(calendar, on=start)), timedelta(seconds=1))


def _served(start: datetime, text: str, calendar: Hours, times: int) -> datetime:
    return add_service_time(calendar=calendar, start=start, span=times * _service(text, calendar, start))


def _opened(moment: datetime, calendar: Hours | None) -> datetime:
    """Where a moment moves that the calendar calls closed. Later moments of one time of day never move before earlier ones;
    what lies so far away that no calendar reaches it stays."""
    if calendar is None or moment.year not in KNOWN or calendar.is_open(moment):
        return moment
    zone = ZoneInfo(calendar.zone)
    local = moment.astimezone(zone)
    if not calendar.open_on(local.date()):
        opening = calendar.next_opening(moment).astimezone(zone)
        moment = _in_utc(datetime.combine(opening.date(), local.time(), tzinfo=zone))
    return calendar.next_opening(moment)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _written(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
        found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise SpanError(f"write a moment such as 2026-10-01T09:00:00+08:00, not {text!r}") from None
    return found


def _moment(text: str) -> datetime:
    return _written(text).astimezone(UTC)
