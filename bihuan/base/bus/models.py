"""The outbox: one row a fact, written in the transaction of the action that made it true."""

import uuid

from django.db import models


class OutboxFact(models.Model):
    """What happened, who did it, when, and to whom; the audit page and the time line read it."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=150)
    account_id = models.BigIntegerField(null=True, blank=True)
    person_id = models.BigIntegerField(null=True, blank=True)
    product_id = models.BigIntegerField(null=True, blank=True)
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["account_id", "-at"], name="fact_account_at"),
            models.Index(fields=["-at"], name="fact_at"),
            models.Index(fields=["name", "-at"], name="fact_name_at"),
            models.Index(fields=["actor_id", "-at"], name="fact_actor_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
