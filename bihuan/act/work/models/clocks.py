"""What instances wait for: moments, messages and signals."""

from django.db import models

from bihuan.act.work.models.instances import Instance
from bihuan.act.work.models.items import WorkItem


class Alarm(models.Model):
    """A moment at which something happens once: a timer of the diagram, or a reminder, a breach or an escalation of an item.
    It is deleted in the transaction that does what it is for."""

    class Kind(models.TextChoices):
        TIMER = "timer"
        REMIND = "remind"
        OVERDUE = "overdue"
        ESCALATE = "escalate"

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="alarms")
    item = models.ForeignKey(WorkItem, null=True, blank=True, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=8, choices=Kind)
    token = models.CharField(max_length=36, blank=True)
    element = models.CharField(max_length=120, blank=True)
    due_at = models.DateTimeField()
    asleep = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(asleep=False), name="alarm_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "kind"],
                condition=models.Q(item__isnull=False),
                name="one_alarm_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["instance", "token", "element"],
                condition=models.Q(kind="timer"),
                name="one_timer_of_a_token",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%Y-%m-%d %H:%M}"


class Listening(models.Model):
    """A token that waits for a message (with `key`, "" for any) or a signal."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="listening")
    token = models.CharField(max_length=36)
    element = models.CharField(max_length=120)
    kind = models.CharField(max_length=7)
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "name", "key"], name="listening_name")]
        constraints = [
            models.UniqueConstraint(fields=["instance", "token", "kind", "name"], name="a_token_listens_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.key}"


class Heard(models.Model):
    """That an instance has taken a message or signal, by the message's own name: a second delivery has no effect."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="heard")
    once = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "once"], name="heard_once")]

    def __str__(self) -> str:
        return self.once
