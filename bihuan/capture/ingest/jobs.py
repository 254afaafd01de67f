"""Scheduled care of the event store."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.capture.store import get_store

_WORTH_IT = 50_000


@job("events.compact", title=_("Lay the event store out by account"), every="40 3 * * *")
def compact(run: Run) -> None:
    """Sort what came since the last time, when it is enough to matter; readers go on meanwhile."""
    store = get_store()
    before = store.status().unsorted_rows
    if before >= _WORTH_IT:
        store.compact()
    run.result({"unsorted_before": before, "unsorted_after": store.status().unsorted_rows})
