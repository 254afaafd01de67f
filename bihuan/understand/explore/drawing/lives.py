"""Pictures of how long until it happens: the curves with their intervals and who is still at risk; hazard ratios."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.engine.survival.answer import series_cell
from bihuan.understand.explore.drawing.common import column, in_percent, list_text, percent_axis, safe
from bihuan.understand.explore.drawing.forest import Estimate, forest
from bihuan.understand.explore.explained.survival import SURE, feature_name
from bihuan.understand.explore.names import value_text
from bihuan.understand.explore.words import choice_title, column_title

#: More curves cannot be told apart, more bands not seen through.
MOST_CURVES, MOST_BANDS = 8, 4
LEFT, AT_RISK_ROW = 100, 17


def survival(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """Steps downwards from 100 %, one line a group, and under it how many are at risk; then the ratios of a Cox model."""
    return [*_curves(answer, behind=behind), *_ratios(answer)]


def _curves(answer: Answer, *, behind: Callable[[int, str], str]) -> list[Chart]:
    by, found = answer.question.get("by"), answer.summary
    start = column(answer, "time")
    steps: dict[str, list[tuple[Any, ...]]] = {}
    for place, row in enumerate(answer.rows):
        steps.setdefault(str(row[0]) if by else "", []).append((*row[start:], behind(place, "events")))
    names = list(steps)[:MOST_CURVES]
    titles = {name: value_text(by, name) if by else column_title("survival") for name in names}
    ends = {name: (found["groups"][name] if by else found)["longest"] for name in names}
    lines = [_line(steps[name], title=titles[name], end=ends[name]) for name in names]
    bands = (
        [_band(steps[name], title=titles[name], end=ends[name]) for name in names]
        if len(names) <= MOST_BANDS
        else []
    )
    lines[0]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "data": [{"yAxis": 50}],
        "label": {"show": False},
    }
    times = found["at_risk"]["times"]
    last = max([*ends.values(), times[-1], 1e-9])
    under = AT_RISK_ROW * len(names) + 20
    step = times[1] if len(times) > 1 else None
    axis = {"type": "value", "min": 0, "max": last, "splitLine": {"show": False}} | (
        {"interval": step} if step else {}
    )
    every = choice_title("every", answer.question.get("every", "month"))
    option: dict[str, Any] = {
        "grid": [
            {"left": LEFT, "right": 20, "top": 36 if len(names) > 1 else 16, "bottom": under + 40},
            {"left": LEFT, "right": 20, "height": AT_RISK_ROW * len(names), "bottom": 4},
        ],
        "xAxis": [
            axis | {"axisLabel": {"showMaxLabel": last == times[-1]}, "name": f"{column_title('time')} ({every})",
                    "nameLocation": "middle", "nameGap": 22},
            axis | {"gridIndex": 1, "show": False},
        ],
        "yAxis": [
            percent_axis() | {"max": 100},
            {"gridIndex": 1, "type": "category", "inverse": True, "axisLine": {"show": False},
             "name": column_title("at_risk"), "nameLocation": "start", "nameGap": 5,
             "nameTextStyle": {"fontSize": 11, "align": "right", "padding": [0, 22, 0, 0]},
             "data": [titles[name] if by else "n" for name in names],
             "axisLabel": {"width": LEFT - 28, "margin": 22, "overflow": "truncate", "fontSize": 11, "interval": 0,
                           "hideOverlap": False}},
        ],
        "tooltip": {"trigger": "item"}, "series": [*bands, *lines, _numbers(answer, names)],
    }  # fmt: skip
    if len(names) > 1:
        option["legend"] = {"type": "scroll", "top": 0, "data": list(titles.values())}
    note = _("Shaded: 95 % interval. Dashed: half.") if bands else _("Dashed: half.")
    return [
        Chart(
            title=_("How long until it happens"),
            option=option,
            size="xl" if len(names) > 3 else "l",
            definition=note,
        )
    ]


def _line(steps: list[tuple[Any, ...]], *, title: str, end: float) -> dict[str, Any]:
    """Falls at each time and goes on flat until the last one was seen."""
    points: list[dict[str, Any]] = [
        {
            "value": [time, in_percent(share)],
            "tooltip": {"formatter": safe(_read_out(title, time, share, low, high, risk))},
            **({"behind": cell} if cell and n else {}),
        }
        for time, risk, n, share, low, high, cell in steps
    ]
    if end > steps[-1][0]:
        points.append({"value": [end, in_percent(steps[-1][3])], "symbolSize": 0})
    return {"name": title, "type": "line", "step": "end", "data": points, "symbol": "circle", "symbolSize": 4,
            "showSymbol": len(points) < 40}  # fmt: skip


def _read_out(title: str, time: float, share: float, low: float | None, high: float | None, risk: int) -> str:
    bounds = "" if low is None or high is None else f" ({formats.percent(low)}–{formats.percent(high)})"
    return f"{title}\n{column_title('time')} {time:.4g}: {formats.percent(share, 1)}{bounds}\n{column_title('at_risk')} {risk}"


def _band(steps: list[tuple[Any, ...]], *, title: str, end: float) -> dict[str, Any]:
    ends = [*(step[0] for step in steps[1:]), max(end, steps[-1][0])]
    data = [[step[0], to, in_percent(step[4]), in_percent(step[5])] for step, to in zip(steps, ends, strict=True)
            if step[4] is not None and step[5] is not None]  # fmt: skip
    return {"name": title, "type": "custom", "shape": "band", "data": data}


def _numbers(answer: Answer, names: list[str]) -> dict[str, Any]:
    """How many are at risk, as figures under the times."""
    risk = answer.summary["at_risk"]
    data = [
        {"value": [time, row], "label": {"formatter": formats.number(n)}}
        | ({"behind": list_text({"of": "at_risk", "time": time} | series_cell(answer.question, name))} if n else {})
        for row, name in enumerate(names) for time, n in zip(risk["times"], risk["groups"][name], strict=True)
    ]  # fmt: skip
    return {"type": "scatter", "xAxisIndex": 1, "yAxisIndex": 1, "data": data, "symbolSize": 0.01, "tooltip": {"show": False},
            "label": {"show": True, "position": "inside", "fontSize": 11}}  # fmt: skip


def _ratios(answer: Answer) -> list[Chart]:
    estimates = [
        Estimate(name=feature_name(one), value=one["ratio"], low=one["low"], high=one["high"],
                 told=f"{one['ratio']:.2f} ({one['low']:.2f}–{one['high']:.2f})", sure=one["p"] < SURE)
        for one in answer.summary.get("hazards", ())
    ]  # fmt: skip
    note = _(
        "Hazard ratios with 95 % intervals: right of 1 it happens sooner, left of it later. Grey: no effect shown."
    )
    return forest(title=_("What makes it sooner"), estimates=estimates, nothing=1.0, ratio=True, note=note)
