"""The lease table: jobs, scheduled runs and deliveries of facts are rows that a worker claims."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of work. While it runs, `run_at` is the end of the lease: a killed worker's row comes back."""

    JOB, REACTION = "job", "reaction"

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PARKED = "parked", _("Parked")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=10, default=JOB)
    name = models.CharField(max_length=160)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    run_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)
    unique_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["run_at", "id"], condition=models.Q(state__in=["queued", "running"]), name="job_due"
            ),
            models.Index(fields=["state", "-id"], name="job_state"),
            models.Index(fields=["kind", "-id"], name="job_kind"),
            models.Index(fields=["name", "-id"], name="job_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def percent(self) -> int | None:
        """Progress in whole percent, None when the total is not known."""
        return None if not self.total else min(100, 100 * self.done // self.total)
