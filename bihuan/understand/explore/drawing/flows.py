"""Pictures of what follows what: paths as a Sankey diagram, a process as a directly-follows graph."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing.common import BARS, column, lying_bars, safe
from bihuan.understand.explore.words import column_title, kind_title, value_title

MOST_EDGES = 24
#: The plane of a graph, in the shape of its box, so that circles stay round.
WIDE, HIGH = 760.0, 380.0
ENDS = ("(end)", "(begin)")


def path(answer: Answer, *, today: date, behind: Callable[[int], str]) -> list[Chart]:
    """Events from left to right, the width of a band its units. A link tells which of its ends stands at which step."""
    nodes: dict[str, dict[str, Any]] = {}
    links = []
    for step, source, target, units, _share in answer.rows:
        ends = (f"{step} {source}", f"{step + 1} {target}")
        for key, name in zip(ends, (source, target), strict=True):
            grey = {"tone": "line-strong"} if name in ENDS or name == "…" else {}
            nodes.setdefault(key, {"name": key, "label": {"formatter": safe(value_title(name))}} | grey)
        links.append({"source": ends[0], "target": ends[1], "value": units})
    option = {
        "tooltip": {"trigger": "item"},
        "series": [{"type": "sankey", "nodes": list(nodes.values()), "links": links, "left": 8, "right": 120, "top": 8,
                    "bottom": 8, "nodeGap": 10, "nodeWidth": 12, "draggable": False, "label": {"fontSize": 12},
                    "lineStyle": {"color": "source", "opacity": 0.28}, "emphasis": {"focus": "adjacency"}}],
    }  # fmt: skip
    return [Chart(title=kind_title("path"), option=option, size="xl")]


def process(answer: Answer, *, today: date, behind: Callable[[int], str]) -> list[Chart]:
    """The graph of what follows what; of variants and activities the most frequent as bars."""
    show = answer.question.get("show", "variants")
    if "by" in answer.question or show == "cases":
        return []
    if show == "follows":
        return _graph(answer)
    name, value = ("variant", "cases") if show == "variants" else ("activity", "events")
    rows = answer.rows[:BARS]
    option = lying_bars(
        [str(row[column(answer, name)]) for row in rows],
        [row[column(answer, value)] for row in rows],
        name=column_title(value),
    )
    return [Chart(title=kind_title("process"), option=option, size="l")]


def _graph(answer: Answer) -> list[Chart]:
    pairs = [(row[0], row[1], int(row[2])) for row in answer.rows if row[0] != row[1]]
    edges = sorted(pairs, key=lambda one: -one[2])[:MOST_EDGES]
    if not edges:
        return []
    sizes: Counter[str] = Counter()
    for source, target, n in edges:
        sizes[source] += n
        sizes[target] += n
    most_edge, most_node = edges[0][2], max(sizes.values())
    spots = places(edges, sizes)
    nodes = [
        {"name": name, "x": x, "y": y, "symbolSize": 14 + 26 * (sizes[name] / most_node) ** 0.5,
         "label": {"show": True, "position": "bottom", "formatter": safe(name)}}
        for name, (x, y) in spots.items()
    ]  # fmt: skip
    links = [
        {"source": source, "target": target, "value": n, "lineStyle": {"width": 1 + 5 * n / most_edge},
         "label": {"show": n >= most_edge / 12, "formatter": formats.number(n)}}
        for source, target, n in edges
    ]  # fmt: skip
    option = {
        "tooltip": {"trigger": "item"},
        "series": [{"type": "graph", "layout": "none", "preserveAspect": True, "data": nodes, "links": links, "roam": False,
                    "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 8,
                    "lineStyle": {"curveness": 0.18, "opacity": 0.75}, "edgeLabel": {"fontSize": 11},
                    "left": 60, "right": 60, "top": 30, "bottom": 50, "emphasis": {"focus": "adjacency"}}],
    }  # fmt: skip
    note = _("The most frequent ones; an activity that follows itself stands in the table.")
    return [Chart(title=kind_title("process"), option=option, size="xl", definition=note)]


def places(edges: Sequence[tuple[str, str, int]], sizes: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """Where each activity stands: columns by how far it is from the first ones along frequent edges, rows by size."""
    balance: Counter[str] = Counter()
    for source, target, n in edges:
        if source != target:
            balance[source] += n
            balance[target] -= n
    start = max(sizes, key=lambda name: (balance[name], sizes[name], name))
    depth = {start: 0}
    for source, target, _n in [*edges] * 3:
        if source in depth and target not in depth:
            depth[target] = depth[source] + 1
    columns: dict[int, list[str]] = defaultdict(list)
    for name in sorted(sizes, key=lambda one: -sizes[one]):
        columns[depth.get(name, 0)].append(name)
    if max(columns) < 2:  # everything follows everything: a ring keeps the edges apart
        ring = sorted(sizes, key=lambda one: (one != start, -sizes[one]))
        turns = [2 * math.pi * n / len(ring) for n in range(len(ring))]
        return {name: (WIDE / 2 - WIDE * 0.4 * math.cos(turn), HIGH / 2 - HIGH * 0.45 * math.sin(turn))
                for name, turn in zip(ring, turns, strict=True)}  # fmt: skip
    wide = max(columns)
    spots = {}
    for deep, names in columns.items():
        for row, name in enumerate(names):
            spots[name] = (WIDE * deep / wide, HIGH * (row + 1) / (len(names) + 1) + (14 if deep % 2 else 0))
    return spots
