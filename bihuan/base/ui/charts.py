"""A chart: an ECharts option built in Python, and the table behind it for those who read tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui.nav import Text

SIZES = ("s", "m", "l", "xl", "xxl")
MOST_LETTERS = 18


@dataclass(frozen=True, kw_only=True)
class TimeAxis:
    """A horizontal axis of time: the local day on which each bucket begins, in order, the labels of the buckets, and the
    first day after the last one."""

    days: Sequence[date]
    labels: Sequence[str]
    until: date

    @classmethod
    def of(cls, days: Sequence[date], *, each: int = 1) -> "TimeAxis | None":
        """Buckets of so many days that are called by their first one; None when there is none."""
        if not days:
            return None
        labels = [day.isoformat() for day in days]
        return cls(days=days, labels=labels, until=days[-1] + timedelta(days=each))

    def place(self, day: date) -> int:
        """The bucket that a day lies in; the first one for a day before the axis."""
        begun = [found for found in self.days if found <= day]
        return self.days.index(begun[-1]) if begun else 0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something that happened from `first` to `last`, both inclusive: its label, of what kind it is, where it leads."""

    first: date
    last: date
    label: str
    kind: str = ""
    url: str = ""

    @property
    def days(self) -> str:
        """2026-11-02, or 2026-11-02 – 2026-11-09."""
        return str(self.first) if self.first == self.last else f"{self.first} – {self.last}"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What `{% chart c %}` draws. The option carries no colours: the theme gives them.

    One over time knows its `axis`; `marks` are what happened on it, `add_mark` is where to write down more;
    `more_marks` are so many older ones that are not drawn, all of which stand at `all_marks`."""

    title: Text
    option: dict[str, Any]
    columns: Sequence[Text] = ()
    rows: Sequence[Sequence[Any]] = field(default_factory=list)
    size: str = "m"
    definition: Text = ""
    axis: TimeAxis | None = None
    marks: Sequence[Mark] = ()
    add_mark: str = ""
    more_marks: int = 0
    all_marks: str = ""


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
    axis: TimeAxis | None = None,
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
        axis=axis,
    )


def mark_unfinished(series: list[dict[str, Any]], labels: Sequence[str], place: int) -> list[dict[str, Any]]:
    """The series with the buckets from `place` on told apart, because they are not over: no line falls to them, they stand as
    hollow points beside it, and bars are pale. A dashed line on the first series says so."""
    drawn, points = [], []
    for one in series:
        if one["type"] == "line":
            points.append({
                "name": one["name"], "type": "scatter", "symbol": "emptyCircle", "symbolSize": 7,
                "data": [_at(label, datum) for label, datum in zip(labels[place:], one["data"][place:], strict=False)],
                **({"tone": one["tone"]} if "tone" in one else {}),
            })  # fmt: skip
            drawn.append(one | {"data": one["data"][:place]})
        else:
            drawn.append(
                one | {"data": [*one["data"][:place], *(_pale(datum) for datum in one["data"][place:])]}
            )
    _say_unfinished(drawn[0], labels[place])
    return [*drawn, *points]


def _at(label: str, datum: Any) -> dict[str, Any]:
    """A datum of a line as a point of its own."""
    whole = datum if isinstance(datum, dict) else {"value": datum}
    return whole | {"value": [label, whole["value"]]}


def _pale(datum: Any) -> dict[str, Any]:
    whole = datum if isinstance(datum, dict) else {"value": datum}
    return whole | {"itemStyle": {"opacity": 0.4}}


def _say_unfinished(series: dict[str, Any], label: str) -> None:
    series["markLine"] = {
        "silent": True, "symbol": "none", "data": [{"xAxis": label}],
        "label": {"formatter": _("not over yet"), "position": "insideEndTop", "rotate": 0, "align": "right"},
    }  # fmt: skip


def marked(chart: Chart, marks: Sequence[Mark]) -> Chart:
    """The chart with vertical lines where something happened, and pale bands where it lasted over several buckets.

    They are a series of their own, without data, called `marks`: the browser leaves it out when the reader hides them.
    Those that begin in one bucket share a line.
    """
    axis = chart.axis
    if axis is None:
        return chart
    seen = [one for one in marks if one.last >= axis.days[0] and one.first < axis.until]
    if not seen:
        return chart
    lines, bands = [], []
    in_order = sorted(seen, key=lambda one: axis.place(one.first))
    for place, found in groupby(in_order, key=lambda one: axis.place(one.first)):
        here = list(found)
        label = _short(here[0].label) + (f" +{len(here) - 1}" if len(here) > 1 else "")
        lines.append({"xAxis": axis.labels[place], "name": " · ".join(one.label for one in here), "url": here[0].url,
                      "label": {"formatter": _safe(label)}})  # fmt: skip
    for one in seen:
        ends = axis.place(min(one.last, axis.until - timedelta(days=1)))
        if ends > axis.place(one.first):
            bands.append([{"xAxis": axis.labels[axis.place(one.first)]}, {"xAxis": axis.labels[ends]}])
    series = {
        "marks": True, "type": "line", "data": [],
        "markLine": {"symbol": ["none", "none"], "data": lines, "label": {"position": "insideEndTop"},
                     "tooltip": {"formatter": "{b}"}},
        "markArea": {"silent": True, "data": bands},
    }  # fmt: skip
    option = chart.option | {"series": [*chart.option["series"], series]}
    return replace(chart, option=option, marks=seen)


def _short(label: str) -> str:
    return label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"


def _safe(label: str) -> str:
    """Braces are placeholders in a label."""
    return label.replace("{", "(").replace("}", ")")
