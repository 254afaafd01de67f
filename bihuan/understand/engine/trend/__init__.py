"""The trend: measures of events over time, by an optional breakdown, and what can be made of them."""

from bihuan.understand.engine.trend.answer import shape_trend
from bihuan.understand.engine.trend.plan import plan_trend, plans_of_trend, window_begin
from bihuan.understand.engine.trend.question import FIELDS, Series, TrendQuestion, read_trend

__all__ = [
    "FIELDS",
    "Series",
    "TrendQuestion",
    "plan_trend",
    "plans_of_trend",
    "read_trend",
    "shape_trend",
    "window_begin",
]
