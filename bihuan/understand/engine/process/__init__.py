"""Process: how cases run — variants, who follows whom, rework, durations, waiting and service time."""

from bihuan.understand.engine.process.answer import shape_process
from bihuan.understand.engine.process.plan import ARROW, measured, plans_of_process, steps_of
from bihuan.understand.engine.process.question import FIELDS, ProcessQuestion, read_process

__all__ = [
    "ARROW",
    "FIELDS",
    "ProcessQuestion",
    "measured",
    "plans_of_process",
    "read_process",
    "shape_process",
    "steps_of",
]
