"""Pictures of what is set beside something else: a segment over time and against another, an experiment's variants."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing.common import (
    BARS,
    bucket_text,
    in_percent,
    lying_bars,
    part_text,
    percent_axis,
)
from bihuan.understand.explore.drawing.forest import Estimate, forest
from bihuan.understand.explore.explained.segment import effect_of, is_sure
from bihuan.understand.explore.names import field_name
from bihuan.understand.explore.words import column_title, kind_title, value_title

SURE = 0.05


def segment(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """Its size as a line, its parts as bars, its effect sizes as a forest; of the bare list of members nothing."""
    asked = answer.question
    if "every" in asked:
        return [_size_over_time(answer)]
    if "by" in asked:
        return _parts(answer)
    return _effects(answer) if "compare" in asked else []


def _size_over_time(answer: Answer) -> Chart:
    line = {"name": column_title("size", kind="segment"), "type": "line", "data": [row[1] for row in answer.rows],
            "areaStyle": {}, "showSymbol": len(answer.rows) < 20}  # fmt: skip
    option = {
        "xAxis": {"type": "category", "boundaryGap": False, "data": [bucket_text(row[0]) for row in answer.rows]},
        "yAxis": {"type": "value", "min": 0, "minInterval": 1}, "tooltip": {"trigger": "axis"}, "series": [line],
    }  # fmt: skip
    return Chart(title=_("Size over time"), option=option, size="l")


def _parts(answer: Answer) -> list[Chart]:
    rows = sorted(answer.rows, key=lambda row: -row[1])[:BARS]
    option = lying_bars(
        [part_text(answer.question["by"], row[0]) for row in rows],
        [
            {"value": row[1], "label": {"formatter": f"{formats.number(row[1])} · {formats.percent(row[3])}"}}
            for row in rows
        ],
        name=column_title("size", kind="segment"),
    )
    option["series"][0]["label"] = {"show": True, "position": "right"}
    note = _("Members, and their share of all with that value.")
    return [
        Chart(title=kind_title("segment"), option=option, size="l" if len(rows) > 6 else "m", definition=note)
    ]


def _effects(answer: Answer) -> list[Chart]:
    names = [one.name for one in answer.columns]
    estimates = []
    for values in answer.rows:
        row = dict(zip(names, values, strict=True))
        if (effect := effect_of(row)) is not None:
            size = value_title(row["size"], column="size")
            words = f"{_signed(effect[0])} ({_signed(effect[1])} … {_signed(effect[2])}) {size}"
            estimates.append(Estimate(name=field_name(row["measure"]), value=effect[0], low=effect[1], high=effect[2],
                                      told=words, sure=is_sure(row)))  # fmt: skip
    note = _("Left of nought A has more, right of it B. Cliff's delta, of yes and no the difference of shares, with 95 % "
             "intervals. Grey: no difference shown.")  # fmt: skip
    return forest(title=_("Effect sizes"), estimates=estimates, nothing=0.0, bounds=(-1.0, 1.0), note=note)


def _signed(value: float) -> str:
    return formats.signed(f"{value:+.2f}")


def experiment(answer: Answer, *, today: date, behind: Callable[[int, str], str]) -> list[Chart]:
    """The relative change of each metric and variant as a forest; Bayesian: the chance to be better as bars."""
    names = [one.name for one in answer.columns]
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    shown = [row for row in rows if row["difference"] is not None]
    several = len({row["variant"] for row in shown}) > 1
    titles = [f"{row['metric']} · {row['variant']}" if several else str(row["metric"]) for row in shown]
    if "chance_to_beat" in names:
        return _chances(titles, [row["chance_to_beat"] for row in shown])
    lower = {
        one["name"] for one in answer.question.get("metrics", ()) if one.get("higher_is_better") is False
    }
    estimates = []
    for title, row in zip(titles, shown, strict=True):
        change = [in_percent(row[name]) for name in ("relative", "relative_low", "relative_high")]
        if None in change:
            continue
        value, low, high = (float(one or 0.0) for one in change)
        sure = row["p"] is not None and row["p"] < SURE
        harm = sure and (value > 0) == (row["metric"] in lower)
        words = f"{_points(value)} ({_points(low)} … {_points(high)})"
        estimates.append(
            Estimate(
                name=title, value=value, low=low, high=high, told=words, sure=sure, tone="red" if harm else ""
            )
        )
    note = _("Change against the control with its interval. Grey: not decided; red: worse.")
    return forest(
        title=_("Change against the control"), estimates=estimates, nothing=0.0, unit="%", note=note
    )


def _points(value: float) -> str:
    return formats.signed(f"{value:+.1f}%")


def _chances(titles: list[str], chances: list[Any]) -> list[Chart]:
    known = [(title, chance) for title, chance in zip(titles, chances, strict=True) if chance is not None]
    if not known:
        return []
    option = lying_bars(
        [title for title, _chance in known],
        [in_percent(chance) for _title, chance in known],
        name=column_title("chance_to_beat"),
    )
    option["xAxis"] = percent_axis() | {"max": 100}
    option["series"][0]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "data": [{"xAxis": 50}],
        "label": {"show": False},
    }
    return [Chart(title=column_title("chance_to_beat"), option=option, size="l" if len(known) > 6 else "m")]
