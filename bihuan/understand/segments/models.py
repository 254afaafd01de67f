"""Segments, the members of static ones, and how many there were."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.know.accounts.models import Account, Person


class Unit(models.TextChoices):
    ACCOUNT = "account", _("Accounts")
    PERSON = "person", _("People")


class Mode(models.TextChoices):
    LIVE = "live", _("Live")
    STATIC = "static", _("Static")


class Segment(models.Model):
    """A set of accounts or people. A live one has a rule; a static one has members, and the day they were written down."""

    key = models.CharField(
        _("key"), max_length=60, unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Use small letters, digits and -, such as renewal-risk."))],
        help_text=_("Questions name it @key."),
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=120)
    unit = models.CharField(_("unit"), max_length=8, choices=Unit, default=Unit.ACCOUNT)
    mode = models.CharField(_("kind"), max_length=8, choices=Mode, default=Mode.LIVE)
    rule = models.TextField(_("rule"), max_length=2000, blank=True)
    behaviour: Any = models.JSONField(_("behaviour"), default=dict, blank=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # fmt: skip
    frozen_on = models.DateField(_("written down on"), null=True, blank=True)
    size = models.PositiveIntegerField(_("size"), null=True, blank=True)
    counted_on = models.DateField(_("counted on"), null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode="static") | ~models.Q(rule=""), name="segment_live_has_a_rule"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SegmentMember(models.Model):
    """One member of a static segment: an account or a person, as the segment's unit says."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "account"], name="segment_account_once"),
            models.UniqueConstraint(fields=["segment", "person"], name="segment_person_once"),
            models.CheckConstraint(
                condition=models.Q(account=None, person__isnull=False)
                | models.Q(account__isnull=False, person=None),
                name="segment_member_is_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.account_id or self.person_id}"


class SegmentSize(models.Model):
    """How many a segment had at the end of a day, over all territories."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes")
    day = models.DateField()
    size = models.PositiveIntegerField()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["segment", "day"], name="segment_size_once_a_day")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.day}: {self.size}"
