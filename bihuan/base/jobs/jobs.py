"""Housekeeping of the queue itself."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs.models import Job
from bihuan.base.jobs.registry import job
from bihuan.base.jobs.run import Run
from bihuan.base.jobs.worker import KEEP_DONE


@job("jobs.sweep", title=_("Clear finished work older than two weeks"), every="17 3 * * *")
def sweep(run: Run) -> None:
    """Finished and cancelled rows go after two weeks; parked ones stay until someone decides."""
    gone, _by_model = Job.objects.filter(
        state__in=[Job.State.DONE, Job.State.CANCELLED], ended_at__lt=run.at - KEEP_DONE
    ).delete()
    run.result({"deleted": gone})
