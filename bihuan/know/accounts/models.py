"""Accounts (customer organisations), the people in them, dated memberships, owner teams and follow-ups."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor, Reach


class Tier(models.TextChoices):
    S = "S", "S"
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"


class Stage(models.TextChoices):
    ONBOARDING = "onboarding", _("Onboarding")
    ADOPTION = "adoption", _("Adoption")
    VALUE = "value", pgettext_lazy("life-cycle stage", "Value")
    RENEWAL = "renewal", pgettext_lazy("life-cycle stage", "Renewal")
    AT_RISK = "at_risk", _("At risk")
    LOST = "lost", _("Lost")


class TeamRole(models.TextChoices):
    SALES = "sales", _("Sales")
    OPERATIONS = "operations", _("Operations")
    PRODUCT = "product", _("Product manager")
    ANALYST = "analyst", _("Analyst")


class AccountQuerySet(models.QuerySet["Account"]):
    """Filters that other rooms combine."""

    def visible_to(self, actor: Actor) -> "AccountQuerySet":
        """The accounts of the actor's territory; nobody sees nothing."""
        if actor.reach == Reach.ALL:
            return self
        own = AccountTeam.objects.filter(staff=actor.user_id).values("account_id")
        if actor.reach == Reach.REGION:
            return self.filter(models.Q(region_id__in=actor.region_ids) | models.Q(pk__in=own))
        if actor.reach == Reach.TEAM and actor.team_id is not None:
            team = AccountTeam.objects.filter(staff__team_id=actor.team_id).values("account_id")
            return self.filter(pk__in=team)
        return self.filter(pk__in=own) if actor.user_id is not None else self.none()


class Account(models.Model):
    """A customer organisation; never "user"."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=80, blank=True)
    parent = models.ForeignKey("self", verbose_name=_("parent"), null=True, blank=True, on_delete=models.PROTECT,
                               related_name="children")  # fmt: skip
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    region = models.ForeignKey("staff.Region", verbose_name=_("region"), null=True, blank=True,
                               on_delete=models.PROTECT, related_name="+")  # fmt: skip
    country = models.CharField(_("country"), max_length=60, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    size = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    stage = models.CharField(_("life-cycle stage"), max_length=12, choices=Stage, default=Stage.ONBOARDING)
    signed_up_on = models.DateField(_("customer since"), null=True, blank=True)
    simulated = models.BooleanField(default=False)
    props = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["name", "id"], name="account_name"),
            models.Index(fields=["tier", "name"], name="account_tier"),
            models.Index(fields=["industry", "name"], name="account_industry"),
            models.Index(fields=["stage", "name"], name="account_stage"),
            models.Index(fields=["region", "name"], name="account_region"),
            models.Index(fields=["simulated"], name="account_simulated"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """An account is never its own parent, however far up."""
        seen: set[int] = {self.pk} if self.pk else set()
        above = self.parent
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("This would make the account its own parent.")})
            seen.add(above.pk)
            above = above.parent


class AccountTeam(models.Model):
    """Who of us serves an account, in which of the four roles; one of them is the owner."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="team")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=12, choices=TeamRole)
    is_owner = models.BooleanField(_("owner"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "staff", "role"], name="account_team_once"),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(is_owner=True), name="account_one_owner"
            ),
        ]
        indexes = [models.Index(fields=["staff", "account"], name="account_team_staff")]

    def __str__(self) -> str:
        return f"{self.staff_id} · {self.role}"


class ByAccount(models.QuerySet[Any]):
    """Rows that belong to an account are visible with it."""

    account_path = "account"

    def visible_to(self, actor: Actor) -> "ByAccount":
        """Those whose account lies in the actor's territory."""
        if actor.reach == Reach.ALL:
            return self
        return self.filter(**{f"{self.account_path}__in": Account.objects.visible_to(actor).values("pk")})


class PersonQuerySet(models.QuerySet["Person"]):
    """People are visible through an account they belong or belonged to."""

    def visible_to(self, actor: Actor) -> "PersonQuerySet":
        """Members of visible accounts; people of no account only to those who see everything."""
        if actor.reach == Reach.ALL:
            return self
        accounts = Account.objects.visible_to(actor).values("pk")
        return self.filter(pk__in=Membership.objects.filter(account__in=accounts).values("person_id"))

    def themselves(self) -> "PersonQuerySet":
        """Without those whom an operator merged into somebody else."""
        return self.filter(merged_into=None)


class Person(models.Model):
    """A human in an account, known or anonymous."""

    key = models.CharField(_("key"), max_length=200, unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    title = models.CharField(pgettext_lazy("job", "title"), max_length=120, blank=True)
    anonymous = models.BooleanField(default=False)
    simulated = models.BooleanField(default=False)
    props = models.JSONField(default=dict, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="merged"
    )
    created_at = models.DateTimeField()

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["name", "id"], name="person_name"),
            models.Index(fields=["email"], name="person_email"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.key or f"#{self.pk}"


class MembershipQuerySet(ByAccount):
    """Dated memberships."""

    def valid_on(self, day: date) -> "MembershipQuerySet":
        """Those whose interval [start, end) holds the day."""
        return self.filter(starts_on__lte=day).filter(models.Q(ends_on=None) | models.Q(ends_on__gt=day))


class Membership(models.Model):
    """A person belongs to an account from `starts_on` to the day before `ends_on`."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    title = models.CharField(pgettext_lazy("job", "title"), max_length=120, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "account", "starts_on"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gt=models.F("starts_on")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.account_id}"

    def clean(self) -> None:
        """The end lies after the start."""
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            raise ValidationError({"ends_on": _("The end must lie after the start.")})


class FollowUp(models.Model):
    """A note, a question to a colleague, or a task about an account."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        QUESTION = "question", _("Question")
        TASK = "task", _("Task")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="follow_ups")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField(_("text"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("for"), null=True, blank=True,
                                 on_delete=models.SET_NULL, related_name="+")  # fmt: skip
    due_on = models.DateField(_("due"), null=True, blank=True)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = ByAccount.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["assignee", "done_at", "due_on"], name="follow_up_bench"),
            models.Index(fields=["account", "-at"], name="follow_up_account"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
