"""Diagrams: BPMN 2.0 read, checked, outlined and run, one instance at a time. Pure: no Django, no clock, no I/O."""

from bihuan.act.bpmn.diagram import (
    Check,
    Choice,
    Diagram,
    Field,
    Flow,
    Node,
    Step,
    Timer,
    Words,
    Work,
)
from bihuan.act.bpmn.problems import Problem
from bihuan.act.bpmn.reading import DiagramRefused, read_diagram

__all__ = [
    "Check",
    "Choice",
    "Diagram",
    "DiagramRefused",
    "Field",
    "Flow",
    "Node",
    "Problem",
    "Step",
    "Timer",
    "Words",
    "Work",
    "read_diagram",
]
