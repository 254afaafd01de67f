"""Reads of reach."""

from bihuan.act.reach.queries.audience import Audience, Chosen, LeftOut, audience_of
from bihuan.act.reach.queries.inbox import channel_named, inbox_of, reader_of
from bihuan.act.reach.queries.log import channels_for, figures_of, templates_for
from bihuan.act.reach.queries.signed import message_of_click, message_of_sight, person_of_leave
from bihuan.act.reach.queries.texts import Text, names_a_person, rendered

__all__ = [
    "Audience",
    "Chosen",
    "LeftOut",
    "Text",
    "audience_of",
    "channel_named",
    "channels_for",
    "figures_of",
    "inbox_of",
    "message_of_click",
    "message_of_sight",
    "names_a_person",
    "person_of_leave",
    "reader_of",
    "rendered",
    "templates_for",
]
