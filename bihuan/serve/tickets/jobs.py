"""Measuring anew what a change of calendars or limits moves."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.serve.tickets.actions import measure_tickets


@job("tickets.measure", title=_("Compute the due times of open tickets"), every="23 2 * * *")
def measure(run: Run) -> None:
    """All open tickets; every night too, for holidays that a new version of the platform knows."""
    changed = measure_tickets(
        by=run.by, at=run.at, progress=lambda done, total: run.progress(done=done, total=total)
    )
    run.result({"changed": changed})
