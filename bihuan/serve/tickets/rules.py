"""The clock of a ticket: limits in service time, pauses, what is due when. Pure: moments and a calendar come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bihuan.base.calendars import Hours, NeverOpen, add_service_time, service_time_between

#: From when to when we waited for the customer; None: we still do.
Pause = tuple[datetime, datetime | None]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much service time we give ourselves, in minutes."""

    response: int
    resolution: int


def nearer(one: Limits, other: Limits | None) -> Limits:
    """Of each time the shorter; of nothing else the one."""
    if other is None:
        return one
    return Limits(
        response=min(one.response, other.response), resolution=min(one.resolution, other.resolution)
    )


#: What ships: a day of service time has eight hours.
SHIPPED: Mapping[str, Limits] = {
    "urgent": Limits(response=30, resolution=4 * 60),
    "high": Limits(response=60, resolution=8 * 60),
    "medium": Limits(response=4 * 60, resolution=3 * 8 * 60),
    "low": Limits(response=8 * 60, resolution=5 * 8 * 60),
}


@dataclass(frozen=True, kw_only=True)
class Times:
    """When the first response and the resolution are due (the latter None while the clock stands still), the nearer of
    the two that still counts, and the service minutes that each has taken, None before it has come."""

    response_due_at: datetime | None
    resolve_due_at: datetime | None
    due_at: datetime | None
    response_service_minutes: float | None
    resolution_service_minutes: float | None


def times_of(
    *, calendar: Hours, limits: Limits, opened_at: datetime, first_response_at: datetime | None,
    resolved_at: datetime | None, pauses: Sequence[Pause] = (),
) -> Times:  # fmt: skip
    """The times of a ticket. Pauses are in order and do not overlap; they count from the opening up to the solution."""
    paused = resolved_at is None and any(end is None for _begin, end in pauses)
    response_due = _due(calendar, opened_at, limits.response)
    resolve_due = None if paused else _resolve_due(calendar, limits, opened_at, resolved_at, pauses)
    open_ones = [due for due, done in ((response_due, first_response_at), (resolve_due, resolved_at))
                 if due is not None and done is None]  # fmt: skip
    over = paused or resolved_at is not None
    responded = (
        None
        if first_response_at is None
        else spent(calendar=calendar, begin=opened_at, end=first_response_at)
    )
    resolved = (
        None
        if resolved_at is None
        else spent(calendar=calendar, begin=opened_at, end=resolved_at, pauses=pauses)
    )
    return Times(
        response_due_at=response_due, resolve_due_at=resolve_due, due_at=None if over else min(open_ones, default=None),
        response_service_minutes=_minutes(responded), resolution_service_minutes=_minutes(resolved),
    )  # fmt: skip


def spent(*, calendar: Hours, begin: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """Service time from `begin` to `end` without the pauses."""
    whole = service_time_between(calendar=calendar, start=begin, end=end)
    for paused, resumed in pauses:
        a, b = max(begin, paused), min(end, resumed or end)
        if a < b:
            whole -= service_time_between(calendar=calendar, start=a, end=b)
    return whole


def _resolve_due(
    calendar: Hours, limits: Limits, opened_at: datetime, resolved_at: datetime | None, pauses: Sequence[Pause]
) -> datetime | None:  # fmt: skip
    """What is left of the limit, counted from the end of the last pause; a limit that was over before lies before it."""
    ends = [end or resolved_at for _begin, end in pauses]
    since = max([opened_at, *(end for end in ends if end is not None)])
    since = since if resolved_at is None else min(since, resolved_at)
    left = timedelta(minutes=limits.resolution) - spent(
        calendar=calendar, begin=opened_at, end=since, pauses=pauses
    )
    return _due(calendar, since, left / timedelta(minutes=1))


def _due(calendar: Hours, start: datetime, minutes: float) -> datetime | None:
    try:
        return add_service_time(calendar=calendar, start=start, span=timedelta(minutes=minutes))
    except NeverOpen:
        return None


def _minutes(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(minutes=1), 2)
