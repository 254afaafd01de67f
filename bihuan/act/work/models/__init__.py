"""Tables of work."""

from bihuan.act.work.models.clocks import Alarm, Heard, Listening
from bihuan.act.work.models.instances import Instance, InstanceState, Tokens
from bihuan.act.work.models.items import ItemKind, ItemState, WorkItem
from bihuan.act.work.models.people import Comment, Deviation, File, HandOver, Invitation, Tick, Vote

__all__ = [
    "Alarm",
    "Comment",
    "Deviation",
    "File",
    "HandOver",
    "Heard",
    "Instance",
    "InstanceState",
    "Invitation",
    "ItemKind",
    "ItemState",
    "Listening",
    "Tick",
    "Tokens",
    "Vote",
    "WorkItem",
]
