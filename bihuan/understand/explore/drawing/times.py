"""Pictures over time: trend and life cycle."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui.charts import Chart, mark_unfinished, over_time
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing.common import (
    BARS,
    bucket_text,
    column,
    lying_bars,
    opened,
    texts_before,
    time_axis,
    unfinished_from,
)
from bihuan.understand.explore.words import column_title, kind_title

STATES = ("new", "returning", "resurrected", "dormant")


def trend(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """A line a series; beside one line the earlier period. Over the whole period: a bar a series."""
    value = next(n for n, one in enumerate(answer.columns) if one.type == "number")
    heads = texts_before(answer, value, start=1)
    buckets = list(dict.fromkeys(row[0] for row in answer.rows))
    lines: dict[str, dict[Any, tuple[Any, ...]]] = {}
    measured = answer.columns[value].name
    title = column_title(measured)
    cells: dict[tuple[str, Any], str] = {}
    for at, row in enumerate(answer.rows):
        name = " · ".join(str(row[n]) for n in heads) or title
        lines.setdefault(name, {})[row[0]] = row
        cells[name, row[0]] = behind(at, measured)
    if buckets == ["all"]:
        if not heads:
            return []
        shown = sorted(lines.items(), key=lambda one: -(one[1]["all"][value] or 0))[:BARS]
        option = lying_bars(
            [name for name, _rows in shown],
            [opened(rows["all"][value], cells[name, "all"]) for name, rows in shown],
            name=title,
        )
        return [Chart(title=kind_title("trend"), option=option, size="l" if len(shown) > 6 else "m")]
    places = {name: n for n, name in enumerate(one.name for one in answer.columns)}
    drawn = [(name, [_value(rows, bucket, value) for bucket in buckets]) for name, rows in lines.items()]
    earlier = "before" in places and len(drawn) == 1  # which is over, and stands last
    if earlier:
        only = next(iter(lines.values()))
        drawn.append((column_title("before"), [_value(only, bucket, places["before"]) for bucket in buckets]))
    labels = [bucket_text(bucket) for bucket in buckets]
    chart = over_time(
        title=kind_title("trend"), first=column_title(answer.columns[0].name), labels=labels, series=drawn, size="l",
        kind="line" if len(labels) > 2 else "bar", axis=time_axis(buckets, every=answer.columns[0].name),
    )  # fmt: skip
    chart = replace(chart, columns=[], rows=[])  # the table stands below it anyway
    chart.option["yAxis"].pop("minInterval")
    for one in chart.option["series"]:
        one["data"] = [opened(number, cells.get((one["name"], bucket), ""))
                       for number, bucket in zip(one["data"], buckets, strict=True)]  # fmt: skip
    place = unfinished_from(buckets, every=answer.columns[0].name, today=today)
    if place is not None:
        series, own = chart.option["series"], len(drawn) - earlier
        chart.option["series"] = [*mark_unfinished(series[:own], labels, place), *series[own:]]
    return [chart]


def _value(rows: dict[Any, tuple[Any, ...]], bucket: Any, place: int) -> Any:
    row = rows.get(bucket)
    return None if row is None or row[place] is None else round(float(row[place]), 4)


def lifecycle(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """Who is new, returning and resurrected stands above the line, who went dormant below; of several series a line of
    those who were active."""
    if len(answer.columns) > 7:
        return [_active(answer, today=today, behind=behind)]
    every, buckets = answer.columns[0].name, [row[0] for row in answer.rows]
    labels = [bucket_text(bucket) for bucket in buckets]
    series = []
    for state in STATES:
        sign = -1 if state == "dormant" else 1
        values = [
            opened(sign * row[column(answer, state)], behind(place, state))
            for place, row in enumerate(answer.rows)
        ]
        one: dict[str, Any] = {"name": column_title(state), "type": "bar", "stack": "all", "data": values}
        series.append(one | ({"tone": "line-strong"} if state == "dormant" else {}))
    place = unfinished_from(buckets, every=every, today=today)
    if place is not None:
        series = mark_unfinished(series, labels, place)
    option = {
        "xAxis": {"type": "category", "data": labels, "axisLine": {"onZero": True}}, "yAxis": {"type": "value"},
        "legend": {"type": "scroll", "top": 0}, "tooltip": {"trigger": "axis"}, "series": series,
    }  # fmt: skip
    return [Chart(title=_("Life cycle"), option=option, size="l", axis=time_axis(buckets, every=every))]


def _active(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> Chart:
    every, buckets = answer.columns[0].name, list(dict.fromkeys(row[0] for row in answer.rows))
    lines: dict[str, list[Any]] = defaultdict(list)
    for at, row in enumerate(answer.rows):
        lines[str(row[1])].append(opened(row[column(answer, "active")], behind(at, "active")))
    labels = [bucket_text(bucket) for bucket in buckets]
    chart = over_time(title=column_title("active"), first=column_title(every), labels=labels, series=list(lines.items()),
                      size="l", axis=time_axis(buckets, every=every))  # fmt: skip
    place = unfinished_from(buckets, every=every, today=today)
    if place is not None:
        chart.option["series"] = mark_unfinished(chart.option["series"], labels, place)
    return replace(chart, columns=[], rows=[])
