"""The calendar of a bench: items on the day on which they are due, a month or a week at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from bihuan.act.work.models.items import overdue
from bihuan.act.work.pages.board import Card, card_of
from bihuan.base.calendars.queries import calendar_for
from bihuan.base.ui.lists import Listing

SPANS = ("month", "week")
#: So many items stand in a cell of a month; a week has room for more.
MOST = {"month": 3, "week": 30}
#: More than this are not drawn in one page; they are said to be missing.
MOST_SHOWN = 500
FIRST, LAST = date(2000, 1, 3), date(2099, 12, 27)


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day: its cards (`shown` of them in the cell), whether it is outside the month, today, or one without work."""

    day: date
    cards: Sequence[Card]
    most: int
    outside: bool
    today: bool
    closed: bool
    url: str

    @property
    def shown(self) -> Sequence[Card]:
        """Those that stand in the cell."""
        return self.cards[: self.most]

    @property
    def more(self) -> int:
        """How many more there are on that day."""
        return len(self.cards) - len(self.shown)

    @property
    def late(self) -> int:
        """How many of them are overdue."""
        return sum(one.clock_kind == "bad" for one in self.cards)


def calendar_of(listing: Listing, *, at: datetime) -> dict[str, Any]:
    """What the template needs: weeks of days, the title, and where the buttons lead."""
    today = timezone.localdate(at)
    span = listing.params.get("span", "month")
    span = span if span in SPANS else "month"
    on = _day(listing.params.get("on", ""), otherwise=today)
    first, last = bounds_of(on, span=span)
    rows = listing.found.order_by("due_at", "pk").filter(due_at__gte=_start(first), due_at__lt=_start(last))
    cards: dict[date, list[Card]] = defaultdict(list)
    found = list(rows[: MOST_SHOWN + 1])
    for item in found[:MOST_SHOWN]:
        if item.due_at is not None:
            cards[timezone.localdate(item.due_at)].append(card_of(item, actor=listing.actor, at=at))
    hours = calendar_for()
    days = [
        Day(
            day=day, cards=cards[day], most=MOST[span], outside=span == "month" and day.month != on.month,
            today=day == today, closed=not hours.hours(day), url=listing.query(span="week", on=day.isoformat(), page=None),
        )
        for day in (first + timedelta(days=n) for n in range((last - first).days))
    ]  # fmt: skip
    step = _step(on, span=span)
    everything = listing.found.order_by()
    return {
        "weeks": [days[n : n + 7] for n in range(0, len(days), 7)], "span": span, "agenda": [one for one in days if one.cards],
        "heading": _heading(on, first=first, span=span), "too_many": len(found) > MOST_SHOWN,
        "spans": [(name, listing.query(span=name, on=on.isoformat(), page=None)) for name in SPANS],
        "previous": listing.query(on=step[0].isoformat(), page=None), "next": listing.query(on=step[1].isoformat(), page=None),
        "now": listing.query(on=None, page=None), "most_shown": MOST_SHOWN,
        "late": everything.filter(overdue(at), done_at=None).count(), "unlimited": everything.filter(due_at=None).count(),
        "late_url": listing.query(view=None, late="true", span=None, on=None, page=None),
    }  # fmt: skip


def bounds_of(on: date, *, span: str) -> tuple[date, date]:
    """(the first day shown, the day after the last): whole weeks from Monday."""
    if span == "week":
        monday = on - timedelta(days=on.weekday())
        return monday, monday + timedelta(days=7)
    start = on.replace(day=1)
    after = (start + timedelta(days=31)).replace(day=1)
    first = start - timedelta(days=start.weekday())
    return first, after + timedelta(days=-after.weekday() % 7)


def _step(on: date, *, span: str) -> tuple[date, date]:
    """A day in the span before, and one in the span after."""
    if span == "week":
        return on - timedelta(days=7), on + timedelta(days=7)
    start = on.replace(day=1)
    return (start - timedelta(days=1)).replace(day=1), (start + timedelta(days=31)).replace(day=1)


def _heading(on: date, *, first: date, span: str) -> str:
    if span == "month":
        return date_format(on, "YEAR_MONTH_FORMAT")
    return f"{date_format(first, 'DATE_FORMAT')} – {date_format(first + timedelta(days=6), 'DATE_FORMAT')}"


def _day(text: str, *, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return min(max(found, FIRST), LAST)


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
