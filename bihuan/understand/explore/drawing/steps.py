"""Pictures of funnels and retention."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing.common import (
    bucket_text,
    column,
    in_percent,
    opened,
    percent_axis,
    safe,
    texts_before,
    time_axis,
)
from bihuan.understand.explore.words import column_title, kind_title

MOST_LABELS = 160
#: How wide the steps of a funnel lie beside each other, in pixels.
PLANE, PHONE = 680, 270


def funnel(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """A bar a step with those who dropped before it in grey; with a breakdown bars side by side; over time the rate."""
    if "every" in answer.question:
        return [_rate_over_time(answer, behind=behind)]
    step, units = column(answer, "step"), column(answer, "units")
    heads = texts_before(answer, step)
    rows = list(answer.rows)
    titles = list(dict.fromkeys(f"{row[step]}. {safe(row[column(answer, 'title')])}" for row in rows))
    tooltip: dict[str, Any] = {"trigger": "axis"}
    label = {
        "interval": 0,
        "width": max(PLANE // len(titles) - 12, 56),
        "overflow": "breakAll",
        "hideOverlap": False,
    }
    axis = {"type": "category", "data": titles, "axisLabel": label}
    narrow = {
        "xAxis": axis | {"axisLabel": label | {"width": max(PHONE // len(titles) - 8, 44), "fontSize": 11}}
    }
    if heads:
        by: dict[str, list[Any]] = defaultdict(list)
        for place, row in enumerate(rows):
            share = in_percent(row[column(answer, "of_first")])
            by[str(row[heads[0]])].append(opened(share, behind(place, "units")))
        series = [
            {"name": name, "type": "bar", "data": values, "barMaxWidth": 28} for name, values in by.items()
        ]
        option = {"xAxis": axis, "yAxis": percent_axis(), "tooltip": tooltip, "series": series,
                  "legend": {"type": "scroll", "top": 0}, "narrow": narrow}  # fmt: skip
        return [Chart(title=kind_title("funnel"), option=option, size="l")]
    bars = [
        {
            "value": row[units],
            "behind": behind(place, "units"),
            "label": {"formatter": _on_the_bar(answer, row)},
        }
        for place, row in enumerate(rows)
    ]
    lost = [
        opened(row[column(answer, "dropped")], behind(place, "dropped")) for place, row in enumerate(rows)
    ]
    option = {
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 8, "containLabel": True}, "xAxis": axis,
        "yAxis": {"type": "value", "minInterval": 1}, "tooltip": tooltip, "narrow": narrow,
        "series": [
            {"name": column_title("units"), "type": "bar", "stack": "all", "data": bars, "barMaxWidth": 110,
             "label": {"show": True, "position": "top", "lineHeight": 16}},
            {"name": column_title("dropped"), "type": "bar", "stack": "all", "data": lost, "tone": "surface-2", "z": 1},
        ],
    }  # fmt: skip
    return [Chart(title=kind_title("funnel"), option=option, size="l")]


def _on_the_bar(answer: Answer, row: tuple[Any, ...]) -> str:
    units = formats.number(row[column(answer, "units")])
    return f"{units}\n{formats.percent(row[column(answer, 'of_first')])}"


def _rate_over_time(answer: Answer, *, behind: Callable[[int, str], str]) -> Chart:
    rate, state = column(answer, "rate"), column(answer, "state")
    heads = texts_before(answer, column(answer, "entered"), start=1)
    buckets = list(dict.fromkeys(row[0] for row in answer.rows))
    lines: dict[str, list[Any]] = defaultdict(list)
    for place, row in enumerate(answer.rows):
        point: dict[str, Any] = {"value": in_percent(row[rate]), "behind": behind(place, "converted")}
        if row[state] == "incomplete":
            point |= {"symbol": "emptyCircle", "symbolSize": 8}
        lines[str(row[heads[0]]) if heads else column_title("rate")].append(point)
    option: dict[str, Any] = {
        "xAxis": {"type": "category", "data": [bucket_text(bucket) for bucket in buckets]}, "yAxis": percent_axis(),
        "tooltip": {"trigger": "axis"},
        "series": [{"name": name, "type": "line", "data": data} for name, data in lines.items()],
    }  # fmt: skip
    if heads:
        option["legend"] = {"type": "scroll", "top": 0}
    axis = time_axis(buckets, every=answer.columns[0].name)
    return Chart(title=column_title("rate"), option=option, size="l", axis=axis)


def retention(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """Curves of the averages over complete periods, and a heat map of the cohorts (without a breakdown)."""
    every = next(one.name for one in answer.columns if one.name in ("day", "week", "month"))
    n, active, size, state = (column(answer, name) for name in (every, "active", "size", "state"))
    heads = texts_before(answer, size, start=1)
    back: dict[tuple[str, int], int] = defaultdict(int)
    base: dict[tuple[str, int], int] = defaultdict(int)
    for row in answer.rows:
        if row[state] == "complete":
            key = (str(row[heads[0]]) if heads else _("Average"), row[n])
            back[key] += row[active]
            base[key] += row[size]
    names = list(dict.fromkeys(name for name, _n in base))
    most = max(row[n] for row in answer.rows)
    curves = [
        {
            "name": name,
            "type": "line",
            "data": [_share(back[name, k], base[name, k]) for k in range(most + 1)],
        }
        for name in names
    ]
    option: dict[str, Any] = {
        "xAxis": {"type": "category", "data": [_period(every, k) for k in range(most + 1)]},
        "yAxis": percent_axis() | {"max": 100}, "tooltip": {"trigger": "axis"}, "series": curves,
    }  # fmt: skip
    if len(curves) > 1:
        option["legend"] = {"type": "scroll", "top": 0}
    drawn = [Chart(title=_("Retention curve"), option=option)]
    return drawn if heads else [*drawn, *_heat(answer, every=every, most=most, behind=behind)]


def _heat(answer: Answer, *, every: str, most: int, behind: Callable[[int, str], str]) -> list[Chart]:
    n, rate, units_at, state = (column(answer, name) for name in (every, "rate", "size", "state"))
    shown = [(number, row) for number, row in enumerate(answer.rows) if row[units_at] and row[n] > 0]
    cohorts = list(dict.fromkeys((row[0], row[units_at]) for _number, row in shown))
    place = {cohort: y for y, (cohort, _size) in enumerate(cohorts)}
    cells = []
    for number, row in shown:
        cell: dict[str, Any] = {"value": [row[n] - 1, place[row[0]], in_percent(row[rate])],
                                "behind": behind(number, "active")}  # fmt: skip
        if row[state] == "incomplete":
            if not row[column(answer, "active")]:
                continue
            cell["itemStyle"] = {"opacity": 0.45}
        cells.append(cell)
    if not cells:
        return []
    labels = [f"{bucket_text(cohort)}  ({formats.number(units)})" for cohort, units in cohorts]
    top = max(cell["value"][2] or 0 for cell in cells) or 1
    option: dict[str, Any] = {
        "xAxis": {"type": "category", "position": "top", "data": [_period(every, k) for k in range(1, most + 1)]},
        "yAxis": {"type": "category", "inverse": True, "data": labels}, "tooltip": {"trigger": "item"},
        "visualMap": {"min": 0, "max": top, "show": False, "dimension": 2},
        "series": [{"name": column_title("rate"), "type": "heatmap", "data": cells,
                    "label": {"show": len(cells) <= MOST_LABELS, "formatter": "{@[2]}%", "fontSize": 11}}],
    }  # fmt: skip
    option["narrow"] = (
        {"series": [one | {"label": {"show": False}} for one in option["series"]]} if most > 4 else {}
    )
    size = "m" if len(cohorts) <= 6 else "l" if len(cohorts) <= 12 else "xl"
    note = _("Paler cells: the period had not ended for all of the cohort. In brackets: size of the cohort.")
    return [Chart(title=_("Cohorts"), option=option, size=size, definition=note)]


def _share(part: int, whole: int) -> float | None:
    return in_percent(part / whole) if whole else None


def _period(every: str, n: int) -> str:
    words = {"day": _("day %(n)d"), "week": _("week %(n)d"), "month": _("month %(n)d")}
    return words[every] % {"n": n}
