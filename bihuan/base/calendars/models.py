"""Business calendars as they are kept: what each says from which day on, and whom it holds for."""

from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bihuan.base.access.policy import Role


class BusinessCalendar(models.Model):
    """A calendar by name. Its zone stays as it was given, or what was measured by it would change."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=64)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The zone is one that there is."""
        if self.zone not in available_timezones():
            raise ValidationError({"zone": _("There is no such time zone; write one such as Asia/Shanghai.")})


class CalendarVersion(models.Model):
    """What a calendar says from `valid_from` on, in the form that `read_calendar` takes; None: before all others."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="versions")
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    definition = models.JSONField()
    note = models.CharField(_("note"), max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL,
                                related_name="+")  # fmt: skip

    class Meta:
        ordering = [F("valid_from").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "valid_from"], name="calendar_version_from"),
            models.UniqueConstraint(
                fields=["calendar"], condition=Q(valid_from=None), name="calendar_version_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.valid_from or '–'}"


class CalendarUse(models.Model):
    """Whom a calendar holds for: everybody without another (`is_default`), a role, or a customer by its number."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="uses")
    is_default = models.BooleanField(default=False)
    role = models.CharField(max_length=10, blank=True, choices=[(role.value, role.value) for role in Role])
    account_id = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_default=True, role="", account_id=None)
                | (Q(is_default=False, account_id=None) & ~Q(role=""))
                | Q(is_default=False, role="", account_id__isnull=False),
                name="calendar_use_is_one",
            ),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="calendar_use_default"
            ),
            models.UniqueConstraint(fields=["role"], condition=~Q(role=""), name="calendar_use_role"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar}: {self.account_id or self.role or 'default'}"


class CalendarRevision(models.Model):
    """One row, counted up by every change of a calendar or of its use: what other processes look at."""

    number = models.BigIntegerField(default=0)

    @classmethod
    def count_up(cls) -> None:
        """Something has changed."""
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.create(pk=1, number=1)
