"""Contracts and their lines; amounts are monthly recurring revenue in the contract's currency."""

import re
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.earn.contracts import rules
from bihuan.know.accounts.models import Account, ByAccount


class Billing(models.TextChoices):
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    YEARLY = "yearly", _("Yearly")
    ONCE = "once", _("Once")


CURRENCY = re.compile("[A-Z]{3}")


def own_currency() -> str:
    """The organisation's currency."""
    return str(settings.CURRENCY)


class Contract(models.Model):
    """What an account agreed to pay for, from a day, until a day or open-ended."""

    key = models.CharField(_("number"), max_length=120, unique=True)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("name"), max_length=160, blank=True)
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"), null=True, blank=True)
    billing = models.CharField(_("billing period"), max_length=10, choices=Billing, default=Billing.YEARLY)
    auto_renew = models.BooleanField(_("renews by itself"), default=False)
    currency = models.CharField(_("currency"), max_length=3, default=own_currency)
    signed_on = models.DateField(_("signed"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ByAccount.as_manager()

    class Meta:
        ordering = ["-starts_on", "id"]
        indexes = [
            models.Index(fields=["account", "-starts_on"], name="contract_account"),
            models.Index(fields=["ends_on"], name="contract_ends"),
            models.Index(fields=["-starts_on", "id"], name="contract_starts"),
        ]

    def __str__(self) -> str:
        return self.name or self.key

    def clean(self) -> None:
        """The end does not lie before the start; the currency is one by its form, for "cny" and "CNY" would be two."""
        if self.ends_on is not None and self.starts_on is not None and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The end lies before the start.")})
        if not CURRENCY.fullmatch(self.currency):
            raise ValidationError(
                {"currency": _("Write the three capital letters of ISO 4217, such as CNY.")}
            )

    def days_to_renewal(self, *, on: date) -> int | None:
        """Days from `on` to the end; None for an open-ended contract, negative after the end."""
        return rules.days_to_renewal(on=on, ends_on=self.ends_on)


class LineQuerySet(ByAccount):
    """Lines and their revenue."""

    account_path = "contract__account"

    def active_on(self, day: date) -> "LineQuerySet":
        """Start ≤ day and (no end or end > day): SEMANTICS 23."""
        return self.filter(starts_on__lte=day).filter(models.Q(ends_on=None) | models.Q(ends_on__gt=day))


class ContractLine(models.Model):
    """One product or plan of a contract, with its own validity; trials bring no revenue."""

    key = models.CharField(_("number"), max_length=120, unique=True)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("products.Product", verbose_name=_("product"), null=True, blank=True,
                                on_delete=models.PROTECT, related_name="+")  # fmt: skip
    name = models.CharField(_("plan"), max_length=120, blank=True)
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    mrr = models.DecimalField(_("amount a month"), max_digits=14, decimal_places=2, default=Decimal(0),
                              validators=[MinValueValidator(Decimal(0))])  # fmt: skip
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"), null=True, blank=True)
    trial = models.BooleanField(_("trial"), default=False)

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        indexes = [models.Index(fields=["contract", "starts_on"], name="line_contract")]

    def __str__(self) -> str:
        return self.name or self.key

    def clean(self) -> None:
        """The end lies on or after the start."""
        if self.ends_on is not None and self.starts_on is not None and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The end lies before the start.")})
