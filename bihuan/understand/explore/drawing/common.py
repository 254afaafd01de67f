"""What the pictures share: columns by name, labels of buckets, texts on marks, the line where what is unfinished begins."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from bihuan.base.ui.charts import TimeAxis
from bihuan.base.ui.nav import Text
from bihuan.understand.engine.answer import Answer, plain
from bihuan.understand.engine.scope import after
from bihuan.understand.explore.names import value_text
from bihuan.understand.explore.words import value_title

BARS = 15


def column(answer: Answer, name: str) -> int:
    """Where a column stands."""
    return next(n for n, one in enumerate(answer.columns) if one.name == name)


def texts_before(answer: Answer, end: int, *, start: int = 0) -> list[int]:
    """The columns that tell series apart."""
    return [n for n in range(start, end) if answer.columns[n].type == "text"]


def bucket_text(value: Any) -> str:
    """A bucket on an axis: ISO days, hours in the organisation's zone."""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value_title(value))


def time_axis(buckets: Sequence[Any], *, every: str) -> TimeAxis | None:
    """The axis of buckets in order; None when they are not moments."""
    if not buckets or not all(isinstance(bucket, date) for bucket in buckets):
        return None
    days = [timezone.localtime(one).date() if isinstance(one, datetime) else one for one in buckets]
    return TimeAxis(
        days=days, labels=[bucket_text(bucket) for bucket in buckets],
        until=after(days[-1], "day" if every == "hour" else every),
    )  # fmt: skip


def unfinished_from(buckets: Sequence[Any], *, every: str, today: date) -> int | None:
    """The place of the first bucket that is not over on that day; None when all are."""
    if every == "hour":
        return None
    for place, bucket in enumerate(buckets):
        if isinstance(bucket, date) and after(bucket, every) - timedelta(days=1) >= today:
            return place
    return None


def opened(value: Any, cell: str) -> Any:
    """A datum of a chart: the number, and who is behind it when a click can tell."""
    return {"value": value, "behind": cell} if cell and value else value


def opened_summary(value: Any, answer: Answer, name: str) -> dict[str, Any]:
    """The same of a number of the summary."""
    cell = answer.cell_of_summary(name)
    return {"value": value} | ({"behind": list_text(cell)} if cell is not None and value else {})


def list_text(cell: Mapping[str, Any]) -> str:
    """What `list` says of a number, as a mark of a chart keeps it."""
    return json.dumps(plain(cell), ensure_ascii=False)


def part_text(by: str, value: Any) -> str:
    """A value of a breakdown in the reader's language."""
    return value_text(by, value) if "." in by else str(value_title(value, column=by))


def safe(text: object) -> str:
    """A text for a label, where braces are placeholders."""
    return str(text).replace("{", "(").replace("}", ")")


def percent_axis() -> dict[str, Any]:
    """A value axis in per cent, from nought."""
    return {"type": "value", "min": 0, "axisLabel": {"formatter": "{value}%"}}


def in_percent(value: Any) -> float | None:
    """0.254 → 25.4"""
    return None if value is None else round(100 * float(value), 1)


def lying_bars(labels: Sequence[str], values: Sequence[Any], *, name: Text) -> dict[str, Any]:
    """Bars from left to right, the biggest on top."""
    return {
        "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": list(labels), "inverse": True,
                  "axisLabel": {"width": 220, "overflow": "truncate"}},
        "series": [{"name": str(name), "type": "bar", "data": list(values), "barMaxWidth": 22}],
        "tooltip": {"trigger": "axis"},
    }  # fmt: skip
