"""A chart: an ECharts option built in Python, and the table behind it for those who read tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bihuan.base.ui.nav import Text

SIZES = ("s", "m", "l", "xl", "xxl")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What `{% chart c %}` draws. The option carries no colours: the theme gives them."""

    title: Text
    option: dict[str, Any]
    columns: Sequence[Text] = ()
    rows: Sequence[Sequence[Any]] = field(default_factory=list)
    size: str = "m"
    definition: Text = ""


def over_time(
    *,
    title: Text,
    first: Text,
    labels: Sequence[str],
    series: Sequence[tuple[Text, Sequence[float | int | None]]],
    kind: str = "line",
    size: str = "m",
    stacked: bool = False,
    definition: Text = "",
) -> Chart:
    """Lines or bars over days, weeks or months; one accent for one series, a legend for several."""
    drawn: list[dict[str, Any]] = []
    for place, (name, values) in enumerate(series):
        one: dict[str, Any] = {"name": str(name), "type": kind, "data": list(values), "showSymbol": False}
        if place == 1 and len(series) == 2 and not stacked:
            one["tone"] = "line-strong"
        if stacked:
            one |= {"stack": "all"} | ({"areaStyle": {}} if kind == "line" else {})
        drawn.append(one)
    option: dict[str, Any] = {
        "xAxis": {"type": "category", "data": list(labels), "boundaryGap": kind == "bar"},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": drawn,
        "tooltip": {"trigger": "axis"},
    }
    if len(series) > 1:
        option["legend"] = {"type": "scroll", "top": 0}
    rows = [[label, *(values[i] for _name, values in series)] for i, label in enumerate(labels)]
    return Chart(
        title=title,
        option=option,
        columns=[first, *(name for name, _values in series)],
        rows=rows,
        size=size,
        definition=definition,
    )
