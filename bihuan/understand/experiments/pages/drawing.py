"""Pictures of an experiment: every metric's interval around no change, and how units came."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart, over_time
from bihuan.understand.engine.answer import Answer
from bihuan.understand.experiments.queries import MetricFound

TONES = {True: "green", False: "red", None: "text-soft"}
ROW_SIZES = ((2, "s"), (4, "m"), (9, "l"))
MOST_LABELS = 14


def forest(rows: Sequence[MetricFound], *, bayesian: bool) -> Chart | None:
    """A point and its interval for each variant and metric, as change against the control in per cent: metrics with different
    units stand on one scale. None when nothing can be drawn."""
    shown = [
        row
        for row in rows
        if None not in (row.relative, row.relative_low, row.relative_high) and not row.is_control
    ]
    if not shown:
        return None
    several = len({row.variant for row in shown}) > 1
    labels = [f"{row.metric} · {row.variant}" if several else row.metric for row in shown]
    labels = (
        [f"{n}. {label}" for n, label in enumerate(labels, start=1)]
        if len(set(labels)) < len(labels)
        else labels
    )
    series: list[dict[str, Any]] = []
    for label, row in zip(labels, shown, strict=True):
        ends = [[_percent(row.relative_low), label], [_percent(row.relative_high), label]]
        series.append({"type": "line", "data": ends, "symbol": "none", "tone": TONES[row.better], "silent": True,
                       "lineStyle": {"width": 4}})  # fmt: skip
    points = [
        {"value": [_percent(row.relative), label], "tone": TONES[row.better], "name": label,
         "label": {"formatter": _said(row)}}
        for label, row in zip(labels, shown, strict=True)
    ]  # fmt: skip
    series.append({
        "type": "scatter", "name": _("Relative change"), "data": points, "symbolSize": 12, "z": 5,
        "label": {"show": len(shown) <= MOST_LABELS, "position": "top", "distance": 4, "fontSize": 11},
        "markLine": {"silent": True, "symbol": "none", "data": [{"xAxis": 0}], "label": {"show": False}},
    })  # fmt: skip
    option: dict[str, Any] = {
        "xAxis": {"type": "value", "axisLabel": {"formatter": "{value}%"}, "scale": False},
        "yAxis": {"type": "category", "data": labels, "inverse": True,
                  "axisLabel": {"width": 160, "overflow": "truncate"}},
        "grid": {"left": 8, "right": 24, "top": 20, "bottom": 8, "containLabel": True},
        "series": series,
    }  # fmt: skip
    told = [
        [
            row.metric,
            row.variant,
            *(formats.percent(one, 1) for one in (row.relative, row.relative_low, row.relative_high)),
        ]
        for row in shown
    ]
    words = _("Change against the control with its 95 % interval; an interval that holds 0 is not decided.")
    if bayesian:
        words = _("Difference as a share of the control's value, with its 95 % credible interval.")
    return Chart(
        title=_("Change against the control"), option=option, rows=told, definition=words,
        columns=[_("Metric"), pgettext("experiment", "Variant"), _("Relative change"), _("from"), _("to")],
        size=next((size for most, size in ROW_SIZES if len(shown) <= most), "xl"),
    )  # fmt: skip


def came(answer: Answer) -> Chart | None:
    """How many units met each variant by day. None when nobody did."""
    by: dict[str, dict[str, int]] = defaultdict(dict)
    days = sorted({row[0].isoformat() for row in answer.rows})
    for row in answer.rows:
        by[str(row[1])][row[0].isoformat()] = row[-1]
    if not any(value for values in by.values() for value in values.values()):
        return None
    series = [(name, [values.get(day, 0) for day in days]) for name, values in sorted(by.items())]
    words = _("Units that met a variant on the day; who comes again counts again on that day.")
    return over_time(
        title=_("Units by day"), first=_("Day"), labels=days, series=series, size="s", definition=words
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 2)


def _said(row: MetricFound) -> str:
    return f"{'+' if (row.relative or 0) > 0 else ''}{formats.percent(row.relative, 1)}"
