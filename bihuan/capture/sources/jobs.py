"""Watching sources."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.capture.sources.actions import note_silences


@job("sources.watch", title=_("Notice sources that fell silent"), every="* * * * *")
def watch(run: Run) -> None:
    """Once a minute; pages look for themselves and do not wait for it."""
    run.result({"newly_silent": note_silences(at=run.at)})
