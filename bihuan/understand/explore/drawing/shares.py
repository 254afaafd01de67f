"""Pictures of stickiness and attribution."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing.common import (
    BARS,
    column,
    in_percent,
    lying_bars,
    opened,
    percent_axis,
    texts_before,
)
from bihuan.understand.explore.words import column_title, kind_title


def stickiness(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """A bar for each number of active days; with a breakdown lines of shares, which compare."""
    n = next(place for place, one in enumerate(answer.columns) if one.name in ("days", "weeks", "months"))
    heads = texts_before(answer, n)
    kind = "line" if heads else "bar"
    values: dict[str, list[Any]] = defaultdict(list)
    for place, row in enumerate(answer.rows):
        name = str(row[heads[0]]) if heads else column_title("units")
        value = in_percent(row[column(answer, "share")]) if heads else row[column(answer, "units")]
        values[name].append(opened(value, behind(place, "units")))
    labels = [str(k) for k in dict.fromkeys(row[n] for row in answer.rows)]
    option: dict[str, Any] = {
        "xAxis": {"type": "category", "data": labels, "name": column_title(answer.columns[n].name), "nameLocation": "middle",
                  "nameGap": 26},
        "yAxis": percent_axis() if heads else {"type": "value", "minInterval": 1}, "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 16, "top": 36 if heads else 16, "bottom": 28, "containLabel": True},
        "series": [{"name": name, "type": kind, "data": data} for name, data in values.items()],
    }  # fmt: skip
    if heads:
        option["legend"] = {"type": "scroll", "top": 0}
    return [Chart(title=kind_title("stickiness"), option=option, size="l")]


def attribution(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """A bar a channel: the conversions it is credited with."""
    credit = column(answer, "conversions")
    rows = answer.rows[:BARS]
    option = lying_bars(
        [str(row[0]) for row in rows],
        [
            opened(round(row[credit], 2), behind(place, answer.columns[credit].name))
            for place, row in enumerate(rows)
        ],
        name=column_title("conversions"),
    )
    return [
        Chart(
            title=kind_title("attribution"),
            option=option,
            size="l" if len(rows) > 6 else "m" if len(rows) > 2 else "s",
        )
    ]
