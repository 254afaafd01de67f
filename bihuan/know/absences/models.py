"""Absences as they are kept."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Which absences."""

    def open_to(self, actor: Actor) -> "AbsenceQuerySet":
        """Those that the actor may change: their own, and with `absences.manage` everybody's."""
        return self if actor.may("absences.manage") else self.filter(staff=actor.user_id or 0)

    def current(self, *, day: date) -> "AbsenceQuerySet":
        """Those that hold on a day."""
        return self.filter(ended_at=None, first_day__lte=day, last_day__gte=day)


class Absence(models.Model):
    """A colleague is away from the first to the last day, both included, in the organisation's zone. `began_at` and `ended_at`
    when it was told that they are away, and back; ended without having begun: it was withdrawn."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("absence", "Planned")
        AWAY = "away", pgettext_lazy("absence", "Away")
        OVER = "over", pgettext_lazy("absence", "Over")
        WITHDRAWN = "withdrawn", pgettext_lazy("absence", "Withdrawn")

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who is away"), on_delete=models.CASCADE, related_name="absences"
    )  # fmt: skip
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("deputy"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_by_name = models.CharField(_("entered by"), max_length=150)
    entered_at = models.DateTimeField(_("entered"))
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-id"]
        indexes = [
            models.Index(fields=["staff", "first_day"], condition=Q(ended_at=None), name="absence_open"),
            models.Index(fields=["deputy", "first_day"], condition=Q(ended_at=None), name="absence_deputy"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_days"),
            models.CheckConstraint(condition=Q(deputy=None) | ~Q(deputy=F("staff")), name="absence_deputy_is_another"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.staff} {self.first_day}–{self.last_day}"

    @property
    def state(self) -> str:
        """Planned, away, over or withdrawn."""
        if self.ended_at is not None:
            return str(self.State.OVER if self.began_at else self.State.WITHDRAWN)
        return str(self.State.AWAY if self.began_at else self.State.PLANNED)
