"""Which id of which product is which person, and which account keys came that no account has."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Identity(models.Model):
    """One id that a product's SDK uses for a person."""

    product = models.ForeignKey("products.Product", on_delete=models.CASCADE, related_name="+")
    distinct_id = models.CharField(_("distinct id"), max_length=255)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "distinct_id"], name="identity_once")]

    def __str__(self) -> str:
        return self.distinct_id


class UnknownAccount(models.Model):
    """An account key that events carry and no account has: the events count as "no account"."""

    product = models.ForeignKey("products.Product", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("account key"), max_length=120)
    events = models.BigIntegerField(_("events"), default=0)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        ordering = ["-events", "key"]
        constraints = [models.UniqueConstraint(fields=["product", "key"], name="unknown_account_once")]

    def __str__(self) -> str:
        return self.key


class AccountAlias(models.Model):
    """An account key that a product sends, and the account that an operator says it means."""

    product = models.ForeignKey("products.Product", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("account key"), max_length=120)
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["product", "key"], name="account_alias_once")]

    def __str__(self) -> str:
        return self.key


class Merge(models.Model):
    """A merge that an operator made, with what is needed to undo it: ids and memberships as they were."""

    gone = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    stays = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    before = models.JSONField()
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.stays_id}"


class RefusedSuggestion(models.Model):
    """An operator said that this person does not belong to that account."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "account"], name="refused_once")]

    def __str__(self) -> str:
        return f"{self.person_id} ∉ {self.account_id}"
