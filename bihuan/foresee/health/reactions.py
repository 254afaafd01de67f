"""Health follows what was imported: one scoring soon after, however many tables came."""

from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, reaction
from bihuan.base.jobs import enqueue
from bihuan.capture.imports.events import ImportFinished


@reaction(ImportFinished)
def score_after_an_import(fact: ImportFinished, *, context: Delivery) -> None:
    """Queue one scoring; a second import before it runs adds none."""
    enqueue("health.compute", by=system_actor("import"), at=context.at, unique_key="health.after_import")
