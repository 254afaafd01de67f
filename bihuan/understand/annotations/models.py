"""Annotations. What is removed stays in the table, so that it can be undone."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from bihuan.know.products.models import Product


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    """Filters that pages, REST and charts share."""

    def kept(self) -> AnnotationQuerySet:
        """What was not removed."""
        return self.filter(removed_at=None)

    def between(self, first: date, last: date) -> AnnotationQuerySet:
        """What happened on at least one of these days, both inclusive."""
        ends = Coalesce("last_on", "first_on")
        found: AnnotationQuerySet = self.annotate(ends_on=ends).filter(first_on__lte=last, ends_on__gte=first)
        return found


class AnnotationKind(models.TextChoices):
    RELEASE = "release", _("Release")
    CAMPAIGN = "campaign", _("Campaign")
    INCIDENT = "incident", _("Incident")
    OTHER = "other", _("Other")


class Annotation(models.Model):
    """What happened on `first_on`, or on every day up to `last_on`, in the words of who wrote it."""

    Kind = AnnotationKind

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.RELEASE)
    title = models.CharField(_("title"), max_length=80)
    first_on = models.DateField(_("day"))
    last_on = models.DateField(_("until"), null=True, blank=True, help_text=_("Empty for a single day."))
    product = models.ForeignKey(Product, verbose_name=_("product"), null=True, blank=True, on_delete=models.SET_NULL,
                                related_name="+")  # fmt: skip
    author = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("written by"), null=True, blank=True,
                               on_delete=models.SET_NULL, related_name="+")  # fmt: skip
    created_at = models.DateTimeField(_("added"))
    changed_at = models.DateTimeField(_("changed"))
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on", "pk"]
        indexes = [models.Index(fields=["first_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")), name="annotation_ends_after_it_begins",
                violation_error_message=_("It ends before it begins."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def ends(self) -> date:
        """The last day, which may be the only one."""
        return self.last_on or self.first_on
