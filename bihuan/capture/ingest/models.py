"""Events that were not taken, with the reason; and counts of everything that came to the door."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RejectedEvent(models.Model):
    """One event that a step refused; `body` is what the sender sent of it."""

    source = models.ForeignKey(
        "sources.Source", verbose_name=_("source"), on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField(_("received"))
    step = models.CharField(_("step"), max_length=20)
    code = models.CharField(_("code"), max_length=40)
    reason = models.CharField(_("reason"), max_length=300)
    position = models.PositiveIntegerField(_("position in the request"))
    name = models.CharField(_("event"), max_length=200, blank=True)
    distinct_id = models.CharField(_("distinct id"), max_length=255, blank=True)
    body = models.TextField(_("content"), blank=True)
    path = models.CharField(_("sent to"), max_length=40, default="/batch/")
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="rejected_at"),
            models.Index(fields=["source", "code", "-at"], name="rejected_source_code"),
        ]

    def __str__(self) -> str:
        return f"{self.name or '?'}: {self.reason}"


class StepCount(models.Model):
    """How many events, or whole requests, ended at a step with a code within an hour."""

    hour = models.DateTimeField(_("hour"))
    source = models.ForeignKey(
        "sources.Source", verbose_name=_("source"), null=True, on_delete=models.CASCADE, related_name="+"
    )
    step = models.CharField(_("step"), max_length=20)
    code = models.CharField(_("code"), max_length=40)
    events = models.BigIntegerField(_("events"), default=0)

    class Meta:
        ordering = ["-hour"]
        indexes = [models.Index(fields=["hour", "step", "code"], name="step_count_hour")]

    def __str__(self) -> str:
        return f"{self.step} {self.code}: {self.events}"
