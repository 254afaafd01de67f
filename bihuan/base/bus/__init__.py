"""The outbox bus: `publish` inside the transaction; reactions run at least once, later, by the worker."""

from bihuan.base.bus.facts import Fact, fact_class, fact_names, kept
from bihuan.base.bus.outbox import Delivery, publish, publish_all, reaction, reactions

__all__ = [
    "Delivery",
    "Fact",
    "fact_class",
    "fact_names",
    "kept",
    "publish",
    "publish_all",
    "reaction",
    "reactions",
]
