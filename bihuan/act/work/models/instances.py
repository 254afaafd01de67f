"""Instances: one run of a process, with its values beside and its tokens apart."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.act.processes.models import Process, Version
from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Account


class InstanceState(models.TextChoices):
    """Whether an instance goes on."""

    RUNNING = "running", pgettext_lazy("instance", "Running")
    PAUSED = "paused", pgettext_lazy("instance", "Paused")
    STUCK = "stuck", pgettext_lazy("instance", "Stuck")
    ENDED = "ended", pgettext_lazy("instance", "Ended")
    CANCELLED = "cancelled", pgettext_lazy("instance", "Cancelled")


#: Those that may still go on.
LIVE = (InstanceState.RUNNING, InstanceState.PAUSED, InstanceState.STUCK)


class InstanceQuerySet(models.QuerySet["Instance"]):
    """Whose instances."""

    def visible_to(self, actor: Actor) -> "InstanceQuerySet":
        """Those about accounts of the territory, those about none, and what one started oneself."""
        if actor.reach == Reach.ALL:
            return self
        seen = models.Q(account=None) | models.Q(account__in=Account.objects.visible_to(actor).values("pk"))
        if actor.user_id is not None:
            seen |= models.Q(started_by=actor.user_id)
        return self.filter(seen)

    def live(self) -> "InstanceQuerySet":
        """Those that may still go on."""
        return self.filter(state__in=LIVE)


class Instance(models.Model):
    """One run of a version. `values` are those of the last step that was done; `outcome` is the end event that was reached;
    `stuck_at` and `stuck_why` say what keeps it from going on."""

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    key = models.CharField(_("key"), max_length=120, blank=True)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=9, choices=InstanceState, default=InstanceState.RUNNING)
    values: Any = models.JSONField(default=dict)
    started_at = models.DateTimeField(_("started"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("started by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    started_by_name = models.CharField(max_length=150)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=120, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    stuck_at = models.CharField(max_length=120, blank=True)
    stuck_why = models.CharField(max_length=500, blank=True)

    objects = InstanceQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["state", "-started_at"], name="instance_state"),
            models.Index(fields=["process", "state", "-started_at"], name="instance_process"),
            models.Index(fields=["account", "-started_at"], name="instance_account"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["process", "key"],
                condition=~models.Q(key="") & models.Q(state__in=[str(one) for one in LIVE]),
                name="one_live_instance_of_a_key",
            ),
            models.CheckConstraint(
                name="instance_ends_with_its_time",
                condition=models.Q(state__in=["ended", "cancelled"], ended_at__isnull=False)
                | models.Q(state__in=["running", "paused", "stuck"], ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def said_title(self) -> str:
        """The title as the reader has it: one that begins with the name of its process begins with it in their language."""
        for name in (self.process.name, self.process.name_zh):
            if name and (self.title == name or self.title.startswith(f"{name} · ")):
                return f"{self.process}{self.title[len(name) :]}"
        return self.title


class Tokens(models.Model):
    """Where an instance stands, as the engine keeps it; apart, so that lists of instances stay light."""

    instance = models.OneToOneField(
        Instance, on_delete=models.CASCADE, primary_key=True, related_name="tokens"
    )
    state = models.BinaryField()

    def __str__(self) -> str:
        return f"tokens of {self.instance_id}"
