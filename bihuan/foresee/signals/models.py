"""Signals: the table."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Account
from bihuan.know.products.models import Product


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("signal", "Open")
    HANDLED = "handled", _("Handled")
    DISMISSED = "dismissed", _("Dismissed")


class SignalQuerySet(models.QuerySet["Signal"]):
    """Whose signals."""

    def visible_to(self, actor: Actor) -> "SignalQuerySet":
        """Those about accounts of the territory; others are about every account, for those who see them all. One that `needs` a
        permission is for who has it."""
        rows = self
        if actor.reach != Reach.ALL:
            rows = rows.filter(account__in=Account.objects.visible_to(actor).values("pk"))
        needed = Signal.objects.exclude(needs="").values_list("needs", flat=True).distinct()
        return rows.exclude(needs__in=[one for one in needed if not actor.may(one)])

    def open(self) -> "SignalQuerySet":
        """Those that wait for somebody."""
        return self.filter(state=State.OPEN)


class Signal(models.Model):
    """Something that happened on a day. Of `account`, `product` and `metric` one is what it is about; `about` is its name when
    it was raised. `seen` are the numbers, whose words the kind knows. `origin` names what raised it: once is enough. `note`
    says how it was handled, or why it was dismissed."""

    kind = models.CharField(_("kind"), max_length=40)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    metric = models.CharField(_("metric"), max_length=60, blank=True)
    about = models.CharField(max_length=200)
    seen: Any = models.JSONField(default=dict)
    day = models.DateField(_("day"))
    origin = models.CharField(max_length=200, unique=True)
    needs = models.CharField(max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_by_name = models.CharField(max_length=150, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    raised_at = models.DateTimeField(_("raised"))

    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        indexes = [
            models.Index(fields=["state", "-raised_at"], name="signal_state"),
            models.Index(fields=["account", "-raised_at"], name="signal_account"),
        ]
        constraints = [
            models.CheckConstraint(
                name="signal_is_about_one_thing",
                condition=models.Q(account__isnull=False, product=None, metric="")
                | models.Q(account=None, product__isnull=False, metric="")
                | (models.Q(account=None, product=None) & ~models.Q(metric="")),
            ),
            models.CheckConstraint(
                name="signal_is_settled_with_its_time",
                condition=models.Q(state="open", settled_at=None)
                | (models.Q(settled_at__isnull=False) & ~models.Q(state="open")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}"
