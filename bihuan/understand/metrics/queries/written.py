"""How values of metrics are written."""

from django.utils.translation import gettext as _

from bihuan.base.metrics import Metric
from bihuan.base.ui import formats


def written(value: float | None, metric: Metric, *, sign: bool = False) -> str:
    """A value with what it is counted in; `sign` for a change. A change of a percentage is one in points."""
    if value is None:
        return formats.NOTHING
    size = round(abs(value) if sign else value, 6)
    places = 0 if abs(size) >= 100 or float(size).is_integer() else 2
    if metric.kind == "money":
        text = formats.money(round(size, 2))
    elif metric.kind == "percent":
        text = _("%(n)s points") % {"n": formats.number(100 * size, 1)} if sign else formats.percent(size, 1)
    else:
        text = formats.number(size, places)
    if sign:
        text = f"{'+' if value > 0 else '−' if value < 0 else '±'}{text}"
    units = {"days": _("d"), "hours": _("h")}
    unit = units.get(metric.kind) or metric.unit
    return f"{text} {unit}" if unit else text


def out_of_order(metric: Metric, *, side: str, value: float, bound: float) -> str:
    """That a value lies above or below a bound."""
    text = _("%(value)s, above %(bound)s") if side == "above" else _("%(value)s, below %(bound)s")
    return text % {"value": written(value, metric), "bound": written(bound, metric)}
