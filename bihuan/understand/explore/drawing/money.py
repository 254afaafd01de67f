"""Pictures of revenue, tickets and health."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart, mark_unfinished
from bihuan.understand.engine.answer import Answer
from bihuan.understand.engine.scope import after
from bihuan.understand.explore.drawing.common import (
    BARS,
    bucket_text,
    column,
    in_percent,
    lying_bars,
    opened,
    opened_summary,
    part_text,
    percent_axis,
)
from bihuan.understand.explore.words import column_title, kind_title, value_title

Behind = Callable[[int, str], str]
#: What makes revenue more stands above the line, what makes it less below.
MORE, LESS = (
    (("new", "chart-1"), ("expansion", "chart-6"), ("reactivated", "chart-5")),
    (("contraction", "chart-2"), ("churned", "red")),
)
RATES = ("net_retention", "gross_retention", "renewal_rate")
BANDS = (("green", "green"), ("amber", "amber"), ("red", "red"), ("unknown", "grey"))


def revenue(answer: Answer, *, today: date, behind: Behind) -> list[Chart]:
    """Movements above and below the line with their net, and retention; a breakdown as bars or layers; the Pareto curve."""
    asked = answer.question
    if "every" in asked:
        return (
            _layers(answer, today=today, behind=behind)
            if "by" in asked
            else [_movements(answer, today=today, behind=behind), *_retention(answer, today=today)]
        )
    if asked.get("pareto"):
        return [_pareto(answer, behind=behind)]
    name, mrr = (0 if "by" in asked else column(answer, "account")), column(answer, "mrr")
    places = [place for place, row in enumerate(answer.rows) if row[mrr]][:BARS]
    rows = [answer.rows[place] for place in places]
    if not rows:
        return []
    option = lying_bars(
        [part_text(asked["by"], row[0]) if "by" in asked else str(row[name]) for row in rows],
        [opened(float(row[mrr]), behind(place, "mrr")) for place, row in zip(places, rows, strict=True)],
        name=column_title("mrr"),
    )
    return [Chart(title=column_title("mrr"), option=option, size="l" if len(rows) > 6 else "m")]


def _movements(answer: Answer, *, today: date, behind: Behind) -> Chart:
    labels = [bucket_text(row[0]) for row in answer.rows]
    series: list[dict[str, Any]] = []
    for names, sign in ((MORE, 1), (LESS, -1)):
        for name, tone in names:
            values = [
                opened(sign * float(row[column(answer, name)]), behind(place, name))
                for place, row in enumerate(answer.rows)
            ]
            if any(values):
                series.append({"name": column_title(name, kind="revenue"), "type": "bar", "stack": "all", "tone": tone,
                               "data": values, "barMaxWidth": 44})  # fmt: skip
    opening, closing = column(answer, "opening"), column(answer, "closing")
    series.append({"name": _("Net"), "type": "line", "tone": "text", "symbol": "circle",
                   "data": [round(float(row[closing] - row[opening]), 2) for row in answer.rows]})  # fmt: skip
    series = _mark(series, answer, labels, today=today)
    option = {
        "xAxis": {"type": "category", "data": labels, "axisLine": {"onZero": True}}, "yAxis": {"type": "value"},
        "legend": {"type": "scroll", "top": 0}, "tooltip": {"trigger": "axis"}, "series": series,
    }  # fmt: skip
    unit = answer.columns[opening].unit
    return Chart(title=_("Movements of MRR"), option=option, size="l",
                 definition=_("In %(currency)s; what was lost stands below nought.") % {"currency": unit})  # fmt: skip


def _mark(
    series: list[dict[str, Any]], answer: Answer, labels: list[str], *, today: date
) -> list[dict[str, Any]]:
    """Where the last bucket is not over yet, say so."""
    months = 3 if answer.question["every"] == "quarter" else 1
    if answer.rows and after(answer.rows[-1][0], "month", months) - timedelta(days=1) >= today:
        return mark_unfinished(series, labels, len(labels) - 1)
    return series


def _retention(answer: Answer, *, today: date) -> list[Chart]:
    if len(answer.rows) < 2:
        return []
    lines: list[dict[str, Any]] = [
        {"name": column_title(name), "type": "line", "data": [in_percent(row[column(answer, name)]) for row in answer.rows]}
        for name in RATES
    ]  # fmt: skip
    labels = [bucket_text(row[0]) for row in answer.rows]
    lines = _mark(lines, answer, labels, today=today)
    lines[1]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "data": [{"yAxis": 100}],
        "label": {"show": False},
    }
    option = {
        "xAxis": {"type": "category", "data": labels},
        "yAxis": percent_axis() | {"min": None, "scale": True}, "legend": {"type": "scroll", "top": 0},
        "tooltip": {"trigger": "axis"}, "series": lines,
    }  # fmt: skip
    return [
        Chart(
            title=_("Retention of revenue"),
            option=option,
            size="m",
            definition=_("Dashed: as much as at the opening."),
        )
    ]


def _layers(answer: Answer, *, today: date, behind: Behind) -> list[Chart]:
    closing = column(answer, "closing")
    buckets = list(dict.fromkeys(row[0] for row in answer.rows))
    values: dict[str, dict[date, Any]] = defaultdict(dict)
    for place, row in enumerate(answer.rows):
        cell = behind(place, "closing")
        values[part_text(answer.question["by"], row[1])][row[0]] = opened(float(row[closing]), cell)
    series: list[dict[str, Any]] = [
        {
            "name": name,
            "type": "bar",
            "stack": "all",
            "barMaxWidth": 44,
            "data": [one.get(bucket) for bucket in buckets],
        }
        for name, one in values.items()
    ]
    labels = [bucket_text(bucket) for bucket in buckets]
    series = _mark(series, answer, labels, today=today)
    option = {
        "xAxis": {"type": "category", "data": labels}, "yAxis": {"type": "value"}, "tooltip": {"trigger": "axis"},
        "legend": {"type": "scroll", "top": 0}, "series": series,
    }  # fmt: skip
    return [Chart(title=_("MRR at the end"), option=option, size="l")]


def _pareto(answer: Answer, *, behind: Behind) -> Chart:
    """Which share of revenue so many of the biggest customers bring, beside the line of all alike."""
    customers, revenue_at = column(answer, "customers"), column(answer, "revenue")
    points: list[Any] = [[0.0, 0.0]]
    for place, row in enumerate(answer.rows):
        points.append(
            opened([in_percent(row[customers]), in_percent(row[revenue_at])], behind(place, "revenue"))
        )
    axis = percent_axis() | {"max": 100}
    option = {
        "xAxis": axis | {"name": column_title("customers"), "nameLocation": "middle", "nameGap": 26}, "yAxis": axis,
        "tooltip": {"trigger": "axis"}, "grid": {"left": 8, "right": 24, "top": 16, "bottom": 28, "containLabel": True},
        "series": [
            {"name": column_title("revenue"), "type": "line", "data": points, "areaStyle": {}, "showSymbol": False,
             "markLine": {"silent": True, "symbol": "none", "data": [{"yAxis": 80}], "label": {"show": False}}},
            {"name": _("all alike"), "type": "line", "tone": "line-strong", "data": [[0, 0], [100, 100]], "showSymbol": False,
             "silent": True},
        ],
    }  # fmt: skip
    return Chart(title=_("Pareto of customers"), option=option, size="l")


def tickets(answer: Answer, *, today: date, behind: Behind) -> list[Chart]:
    """By a breakdown: how many and how many of them solved, and how long that takes."""
    if "by" not in answer.question:
        return []
    rows = answer.rows[:BARS]
    names = [part_text(answer.question["by"], row[0]) for row in rows]
    all_of_them, solved, hours = (column(answer, name) for name in ("tickets", "solved", "resolution_p50"))
    done = [opened(row[solved], behind(place, "solved")) for place, row in enumerate(rows)]
    counts = lying_bars(names, done, name=column_title("solved"))
    counts["series"][0]["stack"] = "all"
    counts["series"].append({"name": _("not solved"), "type": "bar", "stack": "all", "tone": "line-strong", "barMaxWidth": 22,
                             "data": [opened(row[all_of_them] - row[solved], behind(place, "unsolved"))
                                      for place, row in enumerate(rows)]})  # fmt: skip
    counts["legend"] = {"top": 0}
    size = "l" if len(rows) > 6 else "m"
    drawn = [Chart(title=kind_title("tickets"), option=counts, size=size)]
    if any(row[hours] is not None for row in rows):
        spans = [{"value": round(row[hours], 1), "label": {"formatter": _("%(n)s h") % {"n": formats.number(row[hours], 1)}}}
                 if row[hours] is not None else None for row in rows]  # fmt: skip
        took = lying_bars(names, spans, name=column_title("resolution_p50"))
        took["series"][0]["label"] = {"show": True, "position": "right"}
        took["grid"] = {"left": 8, "right": 60, "top": 8, "bottom": 8, "containLabel": True}
        drawn.append(Chart(title=column_title("resolution_p50"), option=took, size=size))
    return drawn


def health(answer: Answer, *, today: date, behind: Behind) -> list[Chart]:
    """How many customers are in each band."""
    bars = [opened_summary(answer.summary[band], answer, band) | {"tone": tone} for band, tone in BANDS]
    option = {
        "xAxis": {"type": "category", "data": [str(value_title(band)) for band, _tone in BANDS]},
        "yAxis": {"type": "value", "minInterval": 1}, "tooltip": {"trigger": "axis"},
        "series": [{"name": column_title("accounts"), "type": "bar", "data": bars, "barMaxWidth": 72,
                    "label": {"show": True, "position": "top"}}],
    }  # fmt: skip
    return [Chart(title=kind_title("health"), option=option, size="m")]
