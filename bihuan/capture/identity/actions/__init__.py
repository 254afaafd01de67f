"""Writes of identity: resolving ids while events arrive, and merging people."""

from bihuan.capture.identity.actions.cast import Sighting
from bihuan.capture.identity.actions.correct import (
    attribute_again,
    attribute_waiting,
    give_events_back,
    give_events_of_key,
    merge_by_hand,
    move_events_of_merge,
    name_account_key,
    refuse_suggestion,
    undo_merge,
)
from bihuan.capture.identity.actions.merge import adopt_keyed_people, merge_people
from bihuan.capture.identity.actions.resolve import Resolved, Resolver, get_resolver

__all__ = [
    "Resolved",
    "Resolver",
    "Sighting",
    "adopt_keyed_people",
    "attribute_again",
    "attribute_waiting",
    "get_resolver",
    "give_events_back",
    "give_events_of_key",
    "merge_by_hand",
    "merge_people",
    "move_events_of_merge",
    "name_account_key",
    "refuse_suggestion",
    "undo_merge",
]
