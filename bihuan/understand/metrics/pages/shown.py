"""How values of metrics are written, and which period a page is about."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import is_valid_path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.metrics import Metric
from bihuan.base.ui import formats
from bihuan.understand.metrics.models import MetricAlarm
from bihuan.understand.metrics.queries import Node, Period, out_of_order, written

#: Whole weeks, so that both periods hold the same weekdays.
LENGTHS = (7, 28, 91, 364)
EXPLORER = "/explore/"


def period_of(request: HttpRequest) -> Period:
    """What the address says; else the 28 days that ended yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    try:
        last = date.fromisoformat(request.GET.get("to", ""))
    except ValueError:
        last = yesterday
    if not date(2000, 1, 1) <= last <= yesterday + timedelta(days=366):
        last = yesterday
    asked = request.GET.get("days", "")
    return Period.of(days=next((n for n in LENGTHS if str(n) == asked), 28), last=last)


def days_in(period: Period) -> int:
    """How many."""
    return (period.last - period.first).days + 1


def reason_in_words(reason: str) -> str:
    """Why there is no value."""
    told = {"": _("No value"), "forbidden": _("You may not see this"),
            "unavailable": _("Events cannot be read now")}  # fmt: skip
    return told.get(reason, reason)


def why_undivided(reason: str) -> str:
    """Why a change is not divided among the drivers."""
    return {
        "sign": _("The change cannot be divided: a driver changed its sign."),
        "missing": _("The change cannot be divided: a value is missing."),
        "large": _("The change cannot be divided: the values are too large."),
    }[reason]


def explorer_link(question: Any) -> str:
    """Where the question opens; nothing while there is no explorer."""
    asked = json.dumps(question, ensure_ascii=False)
    return f"{EXPLORER}?{urlencode({'q': asked})}" if is_valid_path(EXPLORER) else ""


def alarm_in_words(alarm: MetricAlarm, metric: Metric) -> str:
    """What is out of order."""
    return out_of_order(metric, side=alarm.side, value=alarm.value, bound=alarm.bound)


@dataclass(kw_only=True)
class Line:
    """A metric of a tree in words, for the drawing and the table."""

    node: Node
    core: Metric
    below: list["Line"] = field(default_factory=list)

    @property
    def metric(self) -> Metric:
        """What it is about."""
        return self.node.metric

    @property
    def now(self) -> str:
        """The value of the period, or why there is none."""
        given = self.node.now
        return written(given.value, self.metric) if given.value is not None else reason_in_words(given.reason)

    @property
    def before(self) -> str:
        """The value of the period before."""
        return written(self.node.before.value, self.metric)

    @property
    def change(self) -> str:
        """The change, with its share of what there was."""
        if self.node.change is None:
            return formats.NOTHING
        text = written(self.node.change, self.metric, sign=True)
        growth = self.node.growth
        if growth is None or self.metric.kind == "percent":
            return text
        share = f"{'+' if growth > 0 else ''}{formats.percent(growth, 1)}"
        return _("%(change)s (%(share)s)") % {"change": text, "share": share}

    @property
    def kind(self) -> str:
        """Of a badge: good news, bad news or none."""
        return {True: "ok", False: "bad", None: ""}[self.node.better]

    @property
    def part(self) -> str:
        """What it contributed to the change of the core, in the core's units."""
        part = self.node.share.to_core
        return formats.NOTHING if part is None else written(part, self.core, sign=True)

    @property
    def target(self) -> str:
        """What it shall reach."""
        return "" if self.node.target is None else written(self.node.target, self.metric)

    @property
    def undivided(self) -> str:
        """Why its change is not divided among its drivers."""
        division = self.node.share.division
        return why_undivided(division.reason) if division is not None and division.reason else ""

    @property
    def rest(self) -> str:
        """What its drivers do not explain; nothing when that is less than rounding."""
        division = self.node.share.division
        if division is None or division.reason or self.node.change is None:
            return ""
        size = max(abs(self.node.pair.before or 0), abs(self.node.pair.now or 0))
        return written(division.rest, self.metric, sign=True) if abs(division.rest) > 1e-6 * size else ""


def lines_of(nodes: Sequence[Node]) -> list[Line]:
    """The tree in words, the core first; each holds its drivers."""
    found: dict[tuple[str, ...], Line] = {}
    for node in nodes:
        line = Line(node=node, core=nodes[0].metric)
        found[node.share.path] = line
        if node.share.path[:-1] in found:
            found[node.share.path[:-1]].below.append(line)
    return list(found.values())


def told_why(lines: Sequence[Line]) -> str:
    """The change of the core in one sentence: the driver that contributed most."""
    parts = [line for line in lines[1:] if line.node.share.depth == 1 and line.node.share.to_core]
    if not parts or not lines[0].node.change:
        return ""
    biggest = max(parts, key=lambda line: abs(line.node.share.to_core or 0))
    words = {
        "core": lines[0].metric.title,
        "change": lines[0].change,
        "driver": biggest.metric.title,
        "part": biggest.part,
    }
    return _("%(core)s changed by %(change)s; most of it came from %(driver)s: %(part)s.") % words


def in_days(days: int) -> str:
    """7 days, 28 days …"""
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
