"""Tier rules, exceptions from them, moves, judgements of accounts, service policies and capacities: the tables."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.know.accounts.models import Account, ByAccount, TeamRole, Tier


class Judgement(models.TextChoices):
    POTENTIAL = "potential", _("Potential")
    STRATEGY_FIT = "strategy_fit", _("Strategy fit")
    BRAND = "brand", _("Brand")


class Why(models.TextChoices):
    RULES = "rules", _("By rule")
    EXCEPTION = "exception", _("Exception")
    HAND = "hand", _("By hand")


class TierRules(models.Model):
    """One version of the rules as DMN; a version never changes, an edit makes the next one."""

    version = models.PositiveIntegerField(unique=True)
    xml = models.TextField()
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    active = models.BooleanField(default=False)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="tiers_one_active"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class TierException(models.Model):
    """An account is in this tier whatever the rules say, with a reason and an end."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    tier = models.CharField(_("tier"), max_length=1, choices=Tier)
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
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["account", "-created_at"], name="tier_exception_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(ended_at=None), name="tier_one_exception"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.tier}"


class TierMove(models.Model):
    """An account changed its tier on a day: by which rules and row, by an exception, or by hand."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    before = models.CharField(_("before"), max_length=1, blank=True)
    after = models.CharField(_("after"), max_length=1, blank=True)
    why = models.CharField(_("why"), max_length=9, choices=Why)
    version = models.PositiveIntegerField(null=True, blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField()

    objects = ByAccount.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["account", "-at"], name="tier_move_account")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.before} → {self.after}"


class AccountScore(models.Model):
    """What somebody holds of an account from a day on, 0 to 100; the one before counts until then."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=12, choices=Judgement)
    value = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    from_day = models.DateField()
    by_name = models.CharField(max_length=150)

    objects = ByAccount.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "what", "from_day"], name="account_score_once_a_day"),
            models.CheckConstraint(condition=models.Q(value__lte=100), name="account_score_up_to_100"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.what} {self.value}"


class ServicePolicy(models.Model):
    """What service a tier gets: who is on the team, how often somebody is in touch and for how long, how soon we answer."""

    tier = models.CharField(_("tier"), max_length=1, choices=Tier, unique=True)
    roles: Any = models.JSONField(_("team"), default=list)
    touch_days = models.PositiveSmallIntegerField(
        _("in touch every (days)"), validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    touch_minutes = models.PositiveSmallIntegerField(
        _("minutes each time"), validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    first_answer_hours = models.PositiveSmallIntegerField(
        _("first answer within (working hours)"), validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    solved_hours = models.PositiveSmallIntegerField(
        _("solved within (working hours)"), validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )

    class Meta:
        ordering = ["tier"]

    def __str__(self) -> str:
        return self.tier

    def clean(self) -> None:
        """The team is made of the four roles, each once; an answer comes before the solution."""
        unknown = [one for one in self.roles if one not in TeamRole.values]
        if unknown or len(set(self.roles)) != len(self.roles):
            raise ValidationError(
                {"roles": _("Choose from: %(roles)s.") % {"roles": ", ".join(TeamRole.values)}}
            )
        if self.first_answer_hours > self.solved_hours:
            raise ValidationError({"solved_hours": _("This is not before the first answer.")})


class Capacity(models.Model):
    """The minutes a week that somebody of us has for touching customers."""

    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    minutes = models.PositiveIntegerField(_("minutes a week"), validators=[MaxValueValidator(6000)])

    class Meta:
        ordering = ["staff"]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.minutes}"
