"""Models of the early warning, the risks they said, and what the team can do."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.know.accounts.models import Account, ByAccount


class Horizon(models.IntegerChoices):
    """How far ahead the warning looks, in days; each is a whole number of steps between the days that models learn from."""

    ONE = 30, _("30 days")
    TWO = 60, _("60 days")
    THREE = 90, _("90 days")
    SIX = 180, _("180 days")


class WarningSettings(models.Model):
    """What is warned of, and how many customers the team can help a week. One row."""

    capacity = models.PositiveSmallIntegerField(
        _("Customers a week that the team can help"), default=5,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("A list longer than this is not worked through; precision and recall are reported at this number."),
    )  # fmt: skip
    horizon = models.PositiveSmallIntegerField(_("Warn of the next"), default=Horizon.THREE, choices=Horizon)
    contraction = models.PositiveSmallIntegerField(
        _("A loss begins at (% of revenue a month)"), default=30,
        validators=[MinValueValidator(5), MaxValueValidator(100)],
        help_text=_("100 % is a customer who pays nothing any more; less counts a smaller contract as a loss too."),
    )  # fmt: skip
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.horizon} d, {self.capacity} a week"


class Standing(models.TextChoices):
    CHAMPION = "champion", _("In force")
    CHALLENGER = "challenger", _("Challenger")
    RETIRED = "retired", _("Retired")


class Verdict(models.TextChoices):
    """What its backtest says of a model; only a usable one gives probabilities."""

    USABLE = "usable", _("Usable")
    FEW = "few", _("Too little signal: too few losses")
    WEAK = "weak", _("Too little signal: it hardly ranks better than chance")
    NONE = "none", _("Too little signal: nothing can be judged yet")


class RiskModel(models.Model):
    """One training. `document` is the scorer with its scale as plain numbers, `backtest` what was measured, `card` what it was
    learnt from; neither ever changes. `as_of` is the last day it learnt from, `note` why it stands where it stands."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    standing = models.CharField(_("standing"), max_length=10, choices=Standing)
    verdict = models.CharField(_("verdict"), max_length=6, choices=Verdict)
    kind = models.CharField(_("kind"), max_length=10, blank=True)
    horizon = models.PositiveSmallIntegerField(_("horizon"))
    as_of = models.DateField(_("learnt up to"))
    document: Any = models.JSONField(default=dict)
    backtest: Any = models.JSONField(default=dict)
    card: Any = models.JSONField(default=dict)
    note: Any = models.JSONField(default=list)
    trained_at = models.DateTimeField(_("trained"))
    trained_by = models.CharField(max_length=150)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["standing"], condition=models.Q(standing="champion"), name="warning_one_champion"
            ),
            models.CheckConstraint(
                name="warning_only_a_usable_model_is_in_force",
                condition=~models.Q(standing="champion") | models.Q(verdict="usable"),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class Band(models.TextChoices):
    """Within the number that the team can help a week; as far again; the rest."""

    LIST = "list", _("On this week's list")
    NEXT = "next", _("Next in line")
    REST = "rest", _("Below the line")


class Risk(models.Model):
    """The risk of one account as of one day, as a model said it. `reasons` are [feature, value, what it adds to the log-odds],
    `changes` are [measure, from, to, probability then]; `rank` 1 is the highest."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField(_("day"))
    model = models.ForeignKey(RiskModel, on_delete=models.PROTECT, related_name="+")
    probability = models.FloatField(_("risk"))
    rank = models.PositiveIntegerField(_("rank"))
    band = models.CharField(_("band"), max_length=4, choices=Band)
    value = models.FloatField(_("value at stake a year"), null=True)
    reasons: Any = models.JSONField(default=list)
    changes: Any = models.JSONField(default=list)

    objects = ByAccount.as_manager()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="warning_once_a_day"),
            models.CheckConstraint(
                name="warning_probability", condition=models.Q(probability__gt=0, probability__lt=1)
            ),
        ]
        indexes = [models.Index(fields=["day", "rank"], name="warning_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day} {self.probability:.3f}"
