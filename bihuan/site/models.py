"""What the lists read: one row per account with the numbers of every room, rebuilt in bulk and on events.

An index for each column to sort by, and one for each filter in the order that the list has by itself.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models

from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Account


class AccountCardQuerySet(models.QuerySet["AccountCard"]):
    """Filters over cards."""

    def visible_to(self, actor: Actor) -> AccountCardQuerySet:
        """Cards of the accounts of the actor's territory (read from the accounts, never from the copy)."""
        if actor.reach == Reach.ALL:
            return self
        return self.filter(account__in=Account.objects.visible_to(actor).values("pk"))

    def needing_us(self) -> AccountCardQuerySet:
        """Known to be less than healthy, the largest value at risk first."""
        return self.filter(need__gt=0).order_by("-need", "-pk")


class AccountCard(models.Model):
    """An account as the lists show it. Names, tier, stage, industry are copies to sort by."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="card")
    name = models.CharField(max_length=200)
    words = models.CharField(max_length=420)
    tier = models.CharField(max_length=1, blank=True)
    stage = models.CharField(max_length=12, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    region = models.ForeignKey("staff.Region", null=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    owner_name = models.CharField(max_length=80, blank=True)
    region_name = models.CharField(max_length=80, blank=True)
    health = models.FloatField(null=True)
    band = models.CharField(max_length=12, default="unknown")
    health_delta = models.FloatField(null=True)
    reasons = models.JSONField(default=list)
    mrr = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    arr = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    seats = models.PositiveIntegerField(default=0)
    renews_on = models.DateField(null=True)
    auto_renew = models.BooleanField(default=False)
    last_active_on = models.DateField(null=True)
    active_people = models.PositiveIntegerField(default=0)
    spark = models.JSONField(default=list)
    open_tickets = models.PositiveIntegerField(default=0)
    value_at_stake = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    need = models.FloatField(default=0)
    refreshed_at = models.DateTimeField()

    objects = AccountCardQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=[field, "account"], name=f"card_{field}")
            for field in (
                "name", "tier", "stage", "industry", "health", "health_delta", "arr", "renews_on", "last_active_on",
                "owner_name", "region_name", "active_people", "open_tickets", "need",
            )
        ] + [
            models.Index(fields=[field, "arr", "account"], name=f"card_{field}_by_arr")
            for field in ("band", "tier", "stage", "industry", "region", "owner")
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The account page."""
        return f"/accounts/{self.pk}/"

    @property
    def drift(self) -> str:
        """How the change of health looks."""
        delta = self.health_delta or 0.0
        return "down" if delta < -0.5 else "up" if delta > 0.5 else "soft"

    def days_to_renewal(self, *, on: date) -> int | None:
        """Days from `on` to the first end of an active contract."""
        return None if self.renews_on is None else (self.renews_on - on).days
