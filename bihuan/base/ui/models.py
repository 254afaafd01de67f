"""Saved views of lists and exports that ran in the background. Both belong to a member of staff."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from bihuan.base.access import Actor


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Filters over saved views."""

    def readable_by(self, actor: Actor) -> SavedViewQuerySet:
        """One's own, and those that colleagues share."""
        return self.filter(Q(owner_id=actor.user_id) | Q(shared=True))


class SavedView(models.Model):
    """A list with its filters, sort and columns under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A file made in the background for the one who asked for it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    format = models.CharField(max_length=4)
    query = models.TextField(blank=True)
    route = models.JSONField(default=dict)
    job_id = models.BigIntegerField(null=True)
    path = models.CharField(max_length=120, blank=True)
    rows = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.title} ({self.format})"

    @property
    def file_name(self) -> str:
        """The name the reader's computer gets."""
        return f"{self.page}-{self.created_at:%Y%m%d-%H%M}.{self.format}"
