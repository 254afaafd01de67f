"""Estimates with their intervals, one under the other, beside the line of no effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log2
from typing import Any

from bihuan.base.ui.charts import Chart
from bihuan.base.ui.nav import Text
from bihuan.understand.explore.drawing.common import safe

SIZES = ((3, "m"), (7, "l"), (11, "xl"))
MOST = 16


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One line of a forest: what it is about, the estimate with its bounds in the axis's unit, its words, and whether it is
    sure, harmful (`tone` red) or neither."""

    name: str
    value: float
    low: float
    high: float
    told: str
    sure: bool = False
    tone: str = ""


def forest(
    *, title: Text, estimates: Sequence[Estimate], nothing: float, ratio: bool = False,
    bounds: tuple[float, float] | None = None, unit: str = "", note: Text = "",
) -> list[Chart]:  # fmt: skip
    """`nothing` is the value of no effect, where the line stands; ratios stand on a logarithmic axis. What is not sure is grey.

    No picture without estimates; `bounds` are the ends of the axis where it has some, `unit` follows its numbers.
    """
    shown = [one for one in estimates if not ratio or one.value > 0][:MOST]
    if not shown:
        return []
    points = [
        {"value": [one.value, max(one.low, 1e-4) if ratio else one.low, min(one.high, 1e6), row], "name": one.name,
         "tone": one.tone or ("chart-1" if one.sure else "chart-8"),
         "tooltip": {"formatter": safe(f"{one.name}\n{one.told}")}}
        for row, one in enumerate(shown)
    ]  # fmt: skip
    edges = [bound for one in shown for bound in (one.low, one.high, nothing)]
    axis: dict[str, Any] = {"axisLabel": {"formatter": f"{{value}}{unit}"}, "splitLine": {"show": False}}
    if ratio:
        kept = [max(1 / 32, min(bound, 32.0)) for bound in edges]
        axis |= {
            "type": "log",
            "logBase": 2,
            "min": 2 ** floor(log2(min(kept))),
            "max": 2 ** ceil(log2(max(kept))),
        }
    elif bounds:
        axis |= {"type": "value", "min": bounds[0], "max": bounds[1]}
    else:
        reach = (max(edges) - min(edges)) / 20 or 1.0
        axis |= {"type": "value", "min": _round(min(edges) - reach), "max": _round(max(edges) + reach)}
    label = {"interval": 0, "hideOverlap": False, "width": 260, "overflow": "truncate", "lineHeight": 16}
    names: dict[str, Any] = {"type": "category", "inverse": True, "axisLabel": label,
                             "data": [f"{one.name}\n{one.told}" for one in shown]}  # fmt: skip
    option = {
        "xAxis": axis, "yAxis": names, "tooltip": {"trigger": "item"},
        "series": [{"type": "custom", "shape": "whisker", "name": str(title), "data": points,
                    "markLine": {"silent": True, "symbol": "none", "data": [{"xAxis": nothing}], "label": {"show": False}}}],
        "narrow": {"yAxis": names | {"data": [f"{one.name}\n{one.told.partition(' (')[0]}" for one in shown],
                                     "axisLabel": {**label, "width": 138, "fontSize": 11}}},
    }  # fmt: skip
    size = next((size for most, size in SIZES if len(shown) <= most), "xxl")
    return [Chart(title=title, option=option, size=size, definition=note)]


def _round(value: float) -> float:
    """Three figures, so that the ends of an axis are no long fractions."""
    return float(f"{value:.3g}")
