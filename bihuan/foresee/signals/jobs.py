"""Scheduled work of signals."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.foresee.signals.actions import look_for_signals


@job("signals.look", title=_("Look for signals"), every="35 * * * *")
def look(run: Run) -> None:
    """Every kind that is on, as of today, every hour."""
    day = timezone.localdate(run.at)
    looked = look_for_signals(
        day=day, by=run.by, at=run.at, progress=lambda done, total: run.progress(done=done, total=total)
    )
    run.result({
        "day": day.isoformat(), "raised": looked.raised, "repeated": looked.repeated, "waiting": looked.waiting,
        "failed": looked.failed,
    })  # fmt: skip
