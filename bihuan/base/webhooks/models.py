"""Endpoints, and what is sent to them."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.webhooks.signing import secret_text


def new_salt() -> str:
    """What a secret is made from, together with the installation's key."""
    return secrets.token_hex(16)


def key_from(salt: str) -> bytes:
    """The key that a salt and the installation's own key make: whoever sees the database alone cannot sign."""
    return hmac.new(settings.SECRET_KEY.encode(), f"webhook:{salt}".encode(), hashlib.sha256).digest()


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Which endpoints."""

    def kept(self) -> "EndpointQuerySet":
        """Those that were not removed."""
        return self.filter(removed_at=None)


class Endpoint(models.Model):
    """A program that is told facts. `failing_since` when it last stopped taking them; it is not called before `retry_at`."""

    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    facts: Any = models.JSONField(_("facts"), default=list)
    active = models.BooleanField(_("on"), default=True)
    salt = models.CharField(max_length=32, default=new_salt)
    old_salt = models.CharField(max_length=32, blank=True)
    old_until = models.DateTimeField(null=True, blank=True)
    made_by_name = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    off_why = models.CharField(max_length=500, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """As the receiver is given it."""
        return secret_text(key_from(self.salt))

    def keys(self, *, at: datetime) -> list[bytes]:
        """What it is signed with now: for a day after a change with the old key too."""
        old = [key_from(self.old_salt)] if self.old_salt and self.old_until and at < self.old_until else []
        return [key_from(self.salt), *old]


class Delivery(models.Model):
    """One fact for one endpoint. Its `uid` is that of the fact, the same at every try; it is tried until `give_up_at`."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("delivery", "Waiting")
        DONE = "done", pgettext_lazy("delivery", "Delivered")
        GIVEN_UP = "given_up", pgettext_lazy("delivery", "Given up")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    uid = models.UUIDField()
    fact_id = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    at = models.DateTimeField()
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["endpoint", "-id"], name="delivery_of"),
        ]
        constraints = [models.UniqueConstraint(fields=["endpoint", "uid"], name="a_fact_is_told_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def message_id(self) -> str:
        """What the receiver knows it by."""
        return f"msg_{self.uid.hex}"
