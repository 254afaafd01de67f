"""The ledger of events: a durable log, and an index that answers questions about it."""

from bihuan.capture.store.errors import (
    Cancelled,
    CannotCompute,
    LogDamaged,
    SealedDamaged,
    StoreError,
    StoreNotReady,
    StoreOwned,
)
from bihuan.capture.store.home import close_store, get_store
from bihuan.capture.store.log import Appended
from bihuan.capture.store.schema import EVENTS, INTERNAL_SOURCE, NOT_KEPT, events_table
from bihuan.capture.store.status import Status
from bihuan.capture.store.store import Store
from bihuan.capture.store.tracks import Order, Tracks, track_of
from bihuan.capture.store.transfer import copy_index, export_events, import_events
from bihuan.capture.store.watch import Watch, current_watch, watched

__all__ = [
    "EVENTS",
    "INTERNAL_SOURCE",
    "NOT_KEPT",
    "Appended",
    "Cancelled",
    "CannotCompute",
    "LogDamaged",
    "Order",
    "SealedDamaged",
    "Status",
    "Store",
    "StoreError",
    "StoreNotReady",
    "StoreOwned",
    "Tracks",
    "Watch",
    "close_store",
    "copy_index",
    "current_watch",
    "events_table",
    "export_events",
    "get_store",
    "import_events",
    "track_of",
    "watched",
]
