"""The funnel: who goes from step to step within a window, and how long it takes."""

from bihuan.understand.engine.funnel.answer import shape_funnel
from bihuan.understand.engine.funnel.plan import plan_funnel, plan_funnel_units, plans_of_funnel
from bihuan.understand.engine.funnel.question import FIELDS, Exclusion, FunnelQuestion, read_funnel

__all__ = [
    "FIELDS",
    "Exclusion",
    "FunnelQuestion",
    "plan_funnel",
    "plan_funnel_units",
    "plans_of_funnel",
    "read_funnel",
    "shape_funnel",
]
