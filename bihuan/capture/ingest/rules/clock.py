"""When an event happened, by a clock that may be wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_MS_FROM = 100_000_000_000  # numbers above are milliseconds, below seconds


def read_time(value: Any) -> datetime | None:
    """A moment in UTC from ISO text (no zone means UTC) or from seconds or milliseconds; None if neither."""
    try:
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value / 1000 if abs(value) >= _MS_FROM else value, tz=UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def happened_at(
    *, timestamp: datetime | None, sent_at: datetime | None, received_at: datetime
) -> datetime | None:
    """The event's time by our clock: `received_at - (sent_at - timestamp)`, or `timestamp` without `sent_at`.

    The sender's clock may be wrong by any amount: only the distance between its two readings is used. Nothing
    happens after we know of it, so the result is never later than `received_at`. None before the year 2000.
    """
    if timestamp is None:
        return received_at
    try:
        moment = timestamp if sent_at is None else received_at - (sent_at - timestamp)
    except OverflowError:
        return None
    if moment < EARLIEST:
        return None
    return min(moment, received_at)


def sent_from_query(value: str | None) -> datetime | None:
    """posthog-js says when it sent in the query, as milliseconds."""
    if value is None or not (value.isascii() and value.isdigit()) or not 12 <= len(value) <= 14:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(value))
