"""Health models, the scores they gave, and human overrides."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.know.accounts.models import Account, ByAccount


class BandName(models.TextChoices):
    RED = "red", _("Endangered")
    AMBER = "amber", _("Watch")
    GREEN = "green", _("Healthy")
    UNKNOWN = "unknown", _("Unknown")


class HealthModel(models.Model):
    """One version of the health model; a version never changes, an edit makes the next one."""

    version = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    active = models.BooleanField(default=False)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="health_one_active_model"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class HealthScore(models.Model):
    """The health of one account as of one day, with everything needed to explain it.

    `parts` maps a measure to [value, points]; `raw` is the score before floors; null score means unknown.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    model = models.ForeignKey(HealthModel, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True)
    raw = models.FloatField(null=True)
    band = models.CharField(max_length=8, choices=BandName)
    coverage = models.FloatField()
    parts: Any = models.JSONField(default=dict)
    floor = models.CharField(max_length=200, blank=True)
    computed_at = models.DateTimeField()

    objects = ByAccount.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="health_once_a_day")]
        indexes = [models.Index(fields=["day", "account"], name="health_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day} {self.score}"


class HealthOverride(models.Model):
    """A person's own judgement in place of the computed score, with a reason and an end; both stay visible."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField(
        _("health"),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("0 to 100, high is good"),
    )
    reason = models.CharField(_("reason"), max_length=300)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=150)
    from_day = models.DateField()
    expires_on = models.DateField(_("valid until"))
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ByAccount.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["account", "-created_at"], name="override_account")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.score}"
