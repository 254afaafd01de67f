"""Notices as they are kept."""

from typing import Any

from django.conf import settings
from django.db import models

from bihuan.base.access import Actor
from bihuan.base.notices.kinds import NoticeKind, kind_named


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Whose notices."""

    def of(self, actor: Actor) -> "NoticeQuerySet":
        """What somebody was told."""
        return self.filter(user=actor.user_id) if actor.user_id is not None else self.none()

    def unread(self) -> "NoticeQuerySet":
        """What they have not read."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """One thing that somebody was told: its kind, what the sentence needs (`args`), and where it leads (`url`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    args: Any = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_of"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def of_kind(self) -> NoticeKind | None:
        """Its kind; None when its room is gone."""
        return kind_named(self.kind)

    @property
    def text(self) -> str:
        """The sentence, in the reader's language."""
        kind = self.of_kind
        return kind.say(self.args) if kind else self.kind


class SwitchedOff(models.Model):
    """A kind that somebody does not want to be told."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="a_kind_is_off_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"
