"""Charts of a backtest."""

from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import Chart

PERCENT = {"formatter": "{value} %"}


def charts_of(told: dict[str, Any]) -> list[Chart]:
    """Lift, ROC, calibration, stability by day, lead time; each with its table."""
    return [_lift(told), _roc(told), _calibration(told), _stability(told), _lead(told)]


def _of_percents(name: str, points: list[list[float]], *, straight: str) -> dict[str, Any]:
    axis = {"type": "value", "min": 0, "max": 100, "axisLabel": PERCENT}
    return {
        "xAxis": axis, "yAxis": axis, "tooltip": {"trigger": "axis"}, "legend": {"top": 0},
        "series": [
            {"name": name, "type": "line", "data": points, "showSymbol": False},
            {"name": straight, "type": "line", "data": [[0, 0], [100, 100]], "showSymbol": False,
             "lineStyle": {"type": "dashed"}},
        ],
    }  # fmt: skip


def _percents(pairs: list[list[float]]) -> list[list[float]]:
    return [[round(100 * x, 1), round(100 * y, 1)] for x, y in pairs]


def _lift(told: dict[str, Any]) -> Chart:
    points = _percents(told["lift"])
    across, up = _("Customers, highest risk first"), _("Losses among them")
    return Chart(
        title=_("How many losses the first of the list hold"), columns=[across, up], rows=points, size="m",
        option=_of_percents(_("This model"), points, straight=_("By chance")),
        definition=_("Of all judged rows sorted by risk: the share of losses among the first so many percent."),
    )  # fmt: skip


def _roc(told: dict[str, Any]) -> Chart:
    points = _percents(told["roc"])
    across, up = _("Of those that stayed"), _("Of those that were lost")
    return Chart(
        title=_("ROC curve"), columns=[across, up], rows=points, size="m",
        option=_of_percents(_("This model"), points, straight=_("By chance")),
        definition=_("The share above each threshold; the area under the curve is the AUC."),
    )  # fmt: skip


def _calibration(told: dict[str, Any]) -> Chart:
    points = [[round(100 * said, 2), round(100 * seen, 2)] for _n, said, seen in told["bins"]]
    most = max([max(point) for point in points], default=1.0)
    axis = {"type": "value", "min": 0, "axisLabel": PERCENT}
    option = {
        "xAxis": axis, "yAxis": axis, "tooltip": {"trigger": "item"}, "legend": {"top": 0},
        "series": [
            {"name": _("Tenths of the rows"), "type": "scatter", "data": points},
            {"name": _("As said"), "type": "line", "data": [[0, 0], [most, most]], "showSymbol": False,
             "lineStyle": {"type": "dashed"}},
        ],
    }  # fmt: skip
    return Chart(
        title=_("Whether a risk comes true as often as it says"), option=option, size="m",
        columns=[_("Rows"), _("Said"), _("Came true")],
        rows=[[n, f"{100 * said:.1f} %", f"{100 * seen:.1f} %"] for n, said, seen in told["bins"]],
        definition=_("Rows in ten equal parts by risk; the gap between said and come true, weighted by rows, is the ECE."),
    )  # fmt: skip


def _stability(told: dict[str, Any]) -> Chart:
    days = told["by_day"]
    option = {
        "xAxis": {"type": "category", "data": [day for day, *_rest in days]},
        "yAxis": {"type": "value", "min": 0, "max": 1}, "tooltip": {"trigger": "axis"},
        "series": [{"name": "AUC", "type": "line", "data": [auc for *_rest, auc in days],
                    "markLine": {"symbol": "none", "silent": True, "data": [{"yAxis": 0.5}]}}],
    }  # fmt: skip
    return Chart(
        title=_("AUC by judged day"), option=option, size="m", columns=[_("Day"), _("Rows"), _("Losses"), "AUC"], rows=days,
        definition=_("0.5 is chance; a day without a loss has none."),
    )  # fmt: skip


def _lead(told: dict[str, Any]) -> Chart:
    lead = told["lead"]
    option = {
        "xAxis": {"type": "category", "data": [f"≤ {edge}" for edge, _n in lead["days"]]}, "yAxis": {"type": "value"},
        "tooltip": {"trigger": "axis"},
        "series": [{"name": _("Customers lost"), "type": "bar", "data": [n for _edge, n in lead["days"]]}],
    }  # fmt: skip
    return Chart(
        title=_("Days from the first warning to the loss"), option=option, size="m",
        columns=[_("Days up to"), _("Customers lost")], rows=lead["days"],
        definition=_("From the first day on the list to the day of the loss, within the horizon; those never on a list are "
                     "missed."),
    )  # fmt: skip
