"""Pictures of what follows what: paths as a Sankey diagram, a process as a directly-follows graph."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing.common import BARS, column, lying_bars, opened, safe
from bihuan.understand.explore.words import column_title, hours, kind_title, value_title

MOST_EDGES, MOST_PATHS = 24, 3
#: The plane of a graph, in the shape of its box, so that circles stay round.
WIDE, HIGH = 760.0, 380.0
ENDS = ("(end)", "(begin)")


def path(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """Events from left to right, the width of a band its units; of the biggest series a picture each."""
    at = column(answer, "step")
    series: dict[str, list[tuple[int, tuple[Any, ...]]]] = defaultdict(list)
    for place, row in enumerate(answer.rows):
        series[" · ".join(row[:at])].append((place, row[at:]))
    shown = list(series.items())[:MOST_PATHS]
    return [
        Chart(title=name or kind_title("path"), option=_bands(rows, behind=behind), size="l" if at else "xl")
        for name, rows in shown
    ]


def _bands(
    rows: Sequence[tuple[int, tuple[Any, ...]]], *, behind: Callable[[int, str], str]
) -> dict[str, Any]:
    """A link tells which of its ends stands at which step; who is at an end is who is in any of its links."""
    nodes: dict[str, dict[str, Any]] = {}
    links = []
    for place, (step, source, target, units, _share) in rows:
        cell = behind(place, "units")
        ends = (f"{step} {source}", f"{step + 1} {target}")
        for key, name, other in zip(ends, (source, target), ("target", "source"), strict=True):
            grey = {"tone": "line-strong"} if name in ENDS or name == "…" else {}
            node = {
                "name": key,
                "label": {"formatter": safe(value_title(name))},
                "behind": _without(cell, other),
            }
            nodes.setdefault(key, node | grey)
        links.append({"source": ends[0], "target": ends[1], "value": units, "behind": cell})
    return {
        "tooltip": {"trigger": "item"},
        "series": [{"type": "sankey", "nodes": list(nodes.values()), "links": links, "left": 8, "right": 120, "top": 8,
                    "bottom": 8, "nodeGap": 10, "nodeWidth": 12, "draggable": False, "label": {"fontSize": 12},
                    "labelLayout": {"hideOverlap": True},
                    "lineStyle": {"color": "source", "opacity": 0.28}, "emphasis": {"focus": "adjacency"}}],
    }  # fmt: skip


def _without(cell: str, name: str) -> str:
    """The same number without one of its names: all links of the other end."""
    return cell and json.dumps(
        {one: value for one, value in json.loads(cell).items() if one != name}, ensure_ascii=False
    )


def process(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """The graph of what follows what; of variants and activities the most frequent as bars."""
    show = answer.question.get("show", "variants")
    if "by" in answer.question or show == "cases":
        return []
    if show == "follows":
        return _graph(answer, behind=behind)
    name, value = ("variant", "cases") if show == "variants" else ("activity", "events")
    rows = answer.rows[:BARS]
    option = lying_bars(
        [str(row[column(answer, name)]) for row in rows],
        [opened(row[column(answer, value)], behind(place, value)) for place, row in enumerate(rows)],
        name=column_title(value),
    )
    return [Chart(title=kind_title("process"), option=option, size="l")]


def _graph(answer: Answer, *, behind: Callable[[int, str], str]) -> list[Chart]:
    pairs = [(row[0], row[1], int(row[2])) for row in answer.rows if row[0] != row[1]]
    cells = {(row[0], row[1]): behind(place, "frequency") for place, row in enumerate(answer.rows)}
    edges = sorted(pairs, key=lambda one: -one[2])[:MOST_EDGES]
    if not edges:
        return []
    sizes: Counter[str] = Counter()
    for source, target, n in edges:
        sizes[source] += n
        sizes[target] += n
    most_edge, most_node = edges[0][2], max(sizes.values())
    waits = _waits(answer)
    slow = sorted((waits.get(edge[:2]) or 0 for edge in edges), reverse=True)[len(edges) // 4]
    spots = places(edges, sizes)
    nodes = [
        {"name": name, "x": x, "y": y, "symbolSize": 14 + 26 * (sizes[name] / most_node) ** 0.5,
         "label": {"show": True, "position": "bottom", "formatter": safe(name)},
         "behind": json.dumps({"activity": name}, ensure_ascii=False)}
        for name, (x, y) in spots.items()
    ]  # fmt: skip
    links = [
        {"source": source, "target": target, "value": n, "lineStyle": {"width": 1 + 5 * n / most_edge},
         "label": {"show": n >= most_edge / 12, "formatter": _on_the_arc(n, waits.get((source, target)))},
         "behind": cells[source, target]}
        | ({"tone": "amber"} if slow and (waits.get((source, target)) or 0) > slow else {})
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
    if waits:
        note += " " + _("Below the number: the median waiting; amber: the longest of them.")
    return [Chart(title=kind_title("process"), option=option, size="xl", definition=note)]


def _waits(answer: Answer) -> dict[tuple[str, str], float | None]:
    """The median waiting of each pair in hours, where it is told."""
    names = [one.name for one in answer.columns]
    at = names.index("waiting_p50") if "waiting_p50" in names else None
    return {} if at is None else {(row[0], row[1]): row[at] for row in answer.rows}


def _on_the_arc(n: int, waiting: float | None) -> str:
    return formats.number(n) if waiting is None else f"{formats.number(n)}\n{hours(waiting)}"


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
