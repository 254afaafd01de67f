"""Graphs and Sankey diagrams in the shape of their box: over the whole of it, and another way on a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bihuan.base.ui.charts import Chart

#: The planes of a graph, in the shape of a picture's box without its margins.
WIDE, UPRIGHT = (760.0, 420.0), (220.0, 360.0)
#: So many edges, wide and narrow, have their figures: more would cover one another.
LABELLED, LABELLED_NARROW = 12, 5
#: An edge bends so far above the nodes that it joins.
ROOM = 64
LABEL = {"fontSize": 10, "width": 72, "overflow": "truncate"}


def fitted(chart: Chart) -> Chart:
    """The chart with another picture for narrow boxes, where its kind needs one."""
    (first, *others) = chart.option["series"] or [{}]
    if others or first.get("type") not in ("graph", "sankey"):
        return chart
    if first["type"] == "sankey":
        narrow = first | {
            "right": 76,
            "label": first.get("label", {}) | LABEL,
            "labelLayout": {"hideOverlap": True},
        }
        return replace(chart, option=chart.option | {"narrow": {"series": [narrow]}})
    wide = _placed(first, WIDE, labelled=LABELLED) | {"top": ROOM}
    turned = [
        node | {"x": node["y"], "y": node["x"], "label": node.get("label", {}) | LABEL} for node in first["data"]
    ]  # fmt: skip
    narrow = _placed(first | {"data": turned}, UPRIGHT, labelled=LABELLED_NARROW) | {"left": 52, "right": 52}
    return replace(chart, option=chart.option | {"series": [wide], "narrow": {"series": [narrow]}})


def _placed(series: Mapping[str, Any], plane: tuple[float, float], *, labelled: int) -> dict[str, Any]:
    """The graph with its nodes over the whole plane; only the most frequent edges say how often."""
    xs, ys = (
        _stretched([node[at] for node in series["data"]], size) for at, size in zip("xy", plane, strict=True)
    )
    nodes = [node | {"x": x, "y": y} for node, x, y in zip(series["data"], xs, ys, strict=True)]
    most = sorted((link["value"] for link in series["links"]), reverse=True)[:labelled]
    links = [
        link | {"label": link.get("label", {}) | {"show": link["value"] >= most[-1]}} for link in series["links"]
    ]  # fmt: skip
    return {**series, "data": nodes, "links": links}


def _stretched(values: Sequence[float], size: float) -> list[float]:
    low, high = min(values), max(values)
    return [size * (value - low) / (high - low) if high > low else size / 2 for value in values]
