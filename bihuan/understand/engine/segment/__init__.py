"""Segments: which accounts or people a rule describes, over what is known of them and what they did."""

from bihuan.understand.engine.segment.answer import (
    MEASURED,
    Group,
    shape_compare,
    shape_groups,
    shape_list_of_segment,
    shape_members,
    shape_sizes,
)
from bihuan.understand.engine.segment.definition import (
    Behaviour,
    Definition,
    read_behaviours,
    read_definition,
)
from bihuan.understand.engine.segment.plan import EVERYBODY, plan_behaviour, plan_members
from bihuan.understand.engine.segment.question import FIELDS, SegmentQuestion, read_segment

__all__ = [
    "EVERYBODY",
    "FIELDS",
    "MEASURED",
    "Behaviour",
    "Definition",
    "Group",
    "SegmentQuestion",
    "plan_behaviour",
    "plan_members",
    "read_behaviours",
    "read_definition",
    "read_segment",
    "shape_compare",
    "shape_groups",
    "shape_list_of_segment",
    "shape_members",
    "shape_sizes",
]
