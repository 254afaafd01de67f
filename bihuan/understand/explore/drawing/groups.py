"""Pictures of groups of accounts or people: the decision tree, the profile of clusters."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing.common import list_text, safe
from bihuan.understand.explore.explained.common import units_text
from bihuan.understand.explore.explained.tree import branches
from bihuan.understand.explore.names import field_name
from bihuan.understand.explore.words import headline_title, kind_title

#: The smallest picture that gives each row its place.
ROWS = ((3, "s"), (6, "m"), (9, "l"), (13, "xl"))
MOST_MEASURES = 20


def size_for(rows: int) -> str:
    """The size of a picture with so many rows."""
    return next((size for most, size in ROWS if rows <= most), "xxl")


def tree(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """The tree as indented rows: the condition, the share that did as a bar, how many. Leaves are strong."""
    unit = answer.question.get("unit", "account")
    everybody = units_text(answer.summary["units"], unit)
    rows = list(_walk(answer.summary["tree"], name=everybody, depth=0, parent=-1, place=[0]))
    option = {
        "grid": {"left": 4, "right": 4, "top": 4, "bottom": 4}, "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "min": 0, "max": 1, "show": False},
        "yAxis": {"type": "category", "inverse": True, "show": False, "data": [str(n) for n in range(len(rows))]},
        "series": [{"type": "custom", "shape": "outline", "name": kind_title("tree"), "data": rows}],
    }  # fmt: skip
    note = _(
        "Each row is a group within the one above it; the bar is the share of it that did. Bold: not divided further."
    )
    return [Chart(title=kind_title("tree"), option=option, size=size_for(len(rows)), definition=note)]


def _walk(
    node: Mapping[str, Any], *, name: str, depth: int, parent: int, place: list[int]
) -> Iterator[dict[str, Any]]:
    """Rows from top to bottom; `place` counts them."""
    here, ways = place[0], branches(node)
    place[0] += 1
    did = formats.number(round(node["units"] * node["rate"]))
    note = _("%(share)s · %(did)s of %(units)s") % {
        "share": formats.percent(node["rate"]), "did": did, "units": formats.number(node["units"]),
    }  # fmt: skip
    yield {"value": [here, depth, parent, round(node["rate"], 4), int(not ways)], "name": name, "note": note,
           "tooltip": {"formatter": safe(f"{name}\n{note}")},
           **({"behind": list_text({"rule": node["rule"]})} if "rule" in node else {})}  # fmt: skip
    for words, child in ways:
        yield from _walk(child, name=words, depth=depth + 1, parent=here, place=place)


def cluster(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """How far each cluster lies from the others in each measure, as a heat map; how well each number of clusters parts them."""
    return [*_profile(answer), *_tried(answer)]


def _profile(answer: Answer) -> list[Chart]:
    gaps = {(row[3], row[0]): row[6] for row in answer.rows if row[4] is not None}
    reach = {name: max(abs(gap) for (one, _n), gap in gaps.items() if one == name) for name, _n in gaps}
    measures = sorted(reach, key=lambda name: -reach[name])[:MOST_MEASURES]
    described = answer.summary["described"]
    if not measures or len(described) < 2:
        return []
    cells = [
        {"value": [place, row, round(gaps[name, one["cluster"]], 2)],
         "label": {"formatter": formats.signed(f"{gaps[name, one['cluster']]:+.1f}")},
         "behind": list_text({"cluster": one["cluster"]})}
        for row, name in enumerate(measures) for place, one in enumerate(described) if (name, one["cluster"]) in gaps
    ]  # fmt: skip
    heads = [f"{one['cluster']}\n{formats.number(one['units'])}" for one in described]
    label = {"width": 220, "overflow": "truncate", "interval": 0, "hideOverlap": False}
    names = {
        "type": "category",
        "inverse": True,
        "data": [field_name(name) for name in measures],
        "axisLabel": label,
    }
    option = {
        "xAxis": {"type": "category", "position": "top", "data": heads, "axisLabel": {"lineHeight": 15, "interval": 0}},
        "yAxis": names, "tooltip": {"trigger": "item"},
        "visualMap": {"min": -2, "max": 2, "show": False, "dimension": 2, "tones": ["amber", "surface-2", "chart-1"]},
        "series": [{"name": _("Apart (s.d.)"), "type": "heatmap", "data": cells, "label": {"show": True, "fontSize": 11}}],
        "narrow": {"yAxis": names | {"axisLabel": label | {"width": 118, "fontSize": 11}}},
    }  # fmt: skip
    note = _(
        "How far the cluster's mean lies from that of all others, in standard deviations. Above: the cluster and its size."
    )
    return [Chart(title=_("Profile"), option=option, size=size_for(len(measures) + 2), definition=note)]


def _tried(answer: Answer) -> list[Chart]:
    tried = {int(k): value for k, value in answer.summary["tried"].items()}
    if len(tried) < 2:
        return []
    chosen = answer.summary["clusters"]
    bars = [
        {"value": round(value, 3)} | ({} if k == chosen else {"tone": "line-strong"})
        for k, value in sorted(tried.items())
    ]
    option = {
        "xAxis": {"type": "category", "data": [str(k) for k in sorted(tried)], "name": headline_title("clusters"),
                  "nameLocation": "middle", "nameGap": 24},
        "yAxis": {"type": "value"}, "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 16, "top": 16, "bottom": 28, "containLabel": True},
        "series": [{"name": headline_title("silhouette"), "type": "bar", "data": bars, "barMaxWidth": 44}],
    }  # fmt: skip
    return [
        Chart(title=_("How well each number of clusters parts them (silhouette)"), option=option, size="m")
    ]
