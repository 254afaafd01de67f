"""Writes of ingest: batches of events from SDKs, and facts from the bus."""

from bihuan.capture.ingest.actions.clear import clear_rejected
from bihuan.capture.ingest.actions.commit import Outcome, store_batches
from bihuan.capture.ingest.actions.facts import FactRecord, record_facts
from bihuan.capture.ingest.actions.group import Arrived
from bihuan.capture.ingest.actions.replay import Replayed, correct, replay
from bihuan.capture.ingest.actions.writer import Writer, get_writer

__all__ = [
    "Arrived",
    "FactRecord",
    "Outcome",
    "Replayed",
    "Writer",
    "clear_rejected",
    "correct",
    "get_writer",
    "record_facts",
    "replay",
    "store_batches",
]
