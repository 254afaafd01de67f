"""The decision chain of an account: who uses, evaluates, pays, decides, signs, influences or blocks."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.know.accounts.models import Account, ByAccount, Person


class ChainRole(models.TextChoices):
    USER = "user", _("User")
    EVALUATOR = "evaluator", _("Evaluator")
    BUDGET_HOLDER = "budget_holder", _("Budget holder")
    DECISION_MAKER = "decision_maker", _("Decision maker")
    SIGNER = "signer", _("Signer")
    INFLUENCER = "influencer", _("Influencer")
    BLOCKER = "blocker", _("Blocker")


class ChainMember(models.Model):
    """One person in one role of an account's decision chain."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="chain")
    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=16, choices=ChainRole)
    stance = models.SmallIntegerField(
        _("stance"), default=0, validators=[MinValueValidator(-2), MaxValueValidator(2)]
    )
    influence = models.PositiveSmallIntegerField(
        _("influence"), default=1, validators=[MinValueValidator(0), MaxValueValidator(3)]
    )
    last_contact_on = models.DateField(_("last contact"), null=True, blank=True)
    known_since = models.DateTimeField()
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = ByAccount.as_manager()

    class Meta:
        ordering = ["role", "-influence", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "person", "role"], name="chain_once"),
            models.CheckConstraint(condition=models.Q(stance__range=(-2, 2)), name="chain_stance"),
            models.CheckConstraint(condition=models.Q(influence__range=(0, 3)), name="chain_influence"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.role}"
