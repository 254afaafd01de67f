"""Scheduled care of the event store."""

import os
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.capture.ingest.actions import clear_rejected
from bihuan.capture.ingest.rules.keeping import believed, last_proof
from bihuan.capture.sources.queries import days_to_keep
from bihuan.capture.store import SealedDamaged, get_store

_WORTH_IT = 50_000
SEAL_AFTER_DAYS = 30


@job("events.care", title=_("Seal, forget and lay out events"), every="40 3 * * *")
def care(run: Run) -> None:
    """Each night: seal what is old, drop what need not be kept, sort what came, and read every sealed file.

    Readers go on meanwhile. What is dropped is as old as the events themselves say, not only the clock.
    Fails, naming them, when sealed files are damaged.
    """
    store = get_store()
    days = int(os.environ.get("BIHUAN_SEAL_DAYS", SEAL_AFTER_DAYS))
    sealed = store.seal(before=_midnight(run.at) - timedelta(days=days)) if days else 0
    proof = store.sealed.newest_received(until=last_proof(at=run.at))
    forgotten, cleared, now = 0, 0, believed(at=run.at, received=proof)
    if now is not None:
        for source_id, keep in days_to_keep().items():
            forgotten += store.forget(source_id=source_id, before=_midnight(now) - timedelta(days=keep))
        cleared = clear_rejected(at=_midnight(now), days=settings.REJECTED_DAYS)
    repeats = 0
    if store.owner:  # in server mode another process may fill the index
        store.start()
        if store.status().unsorted_rows >= _WORTH_IT or forgotten:
            repeats = store.compact()
    run.result(
        {"sealed": sealed, "forgotten": forgotten, "rejected_cleared": cleared, "ids_stored_twice": repeats}
    )
    if damaged := store.sealed.verify():
        raise SealedDamaged(names=damaged)


def _midnight(moment: datetime) -> datetime:
    """The beginning of its day for the organisation."""
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
