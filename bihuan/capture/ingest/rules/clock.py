"""When an event happened, by a clock that may be wrong. Whole microseconds since 1970, UTC, unless said otherwise."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
NO_TIME = int(np.iinfo(np.int64).min)
EARLIEST = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // _US
_MS_FROM = 100_000_000_000  # numbers above are milliseconds, below seconds
_WORTH_AN_ARRAY = 16


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - _EPOCH) // _US


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


def read_times(values: Sequence[Any]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """What `read_time` says of each value, as microseconds, or NO_TIME; texts that name their zone go at once."""
    if len(values) >= _WORTH_AN_ARRAY:
        try:
            texts = pa.array(values, pa.string())
            times = texts.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
            found: np.ndarray[Any, np.dtype[np.int64]] = times.fill_null(NO_TIME).to_numpy()
            return found
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeError):
            pass
    each = map(read_time, values)
    return np.array([NO_TIME if moment is None else micros(moment) for moment in each], np.int64)


def happened(times: Any, *, behind: Any, received_at: Any) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Each event's time by our clock: `received_at - (sent_at - time)`; `behind` is `received_at - sent_at`, or 0.

    The sender's clock may be wrong by any amount: only the distance between its two readings is used. Nothing
    happens after we know of it, so no result is later than `received_at`; an event without a time happened then.
    NO_TIME before the year 2000.
    """
    moments = np.where(times == NO_TIME, received_at, np.minimum(times + behind, received_at))
    return np.where(moments < EARLIEST, NO_TIME, moments)


def sent_from_query(value: str | None) -> datetime | None:
    """posthog-js says when it sent in the query, as milliseconds."""
    if value is None or not (value.isascii() and value.isdigit()) or not 12 <= len(value) <= 14:
        return None
    return _EPOCH + timedelta(milliseconds=int(value))
