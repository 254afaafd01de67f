"""Housekeeping of notices."""

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.base.notices.models import Notice

KEEP_READ, KEEP = timedelta(days=30), timedelta(days=180)


@job("notices.sweep", title=_("Clear old notices"), every="41 3 * * *")
def sweep(run: Run) -> None:
    """Read ones after a month, all others after half a year."""
    old = Q(read_at__lt=run.at - KEEP_READ) | Q(at__lt=run.at - KEEP)
    gone, _by_model = Notice.objects.filter(old).delete()
    run.result({"deleted": gone})
