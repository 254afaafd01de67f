"""Saved questions, and dashboards that show several. What is removed stays in the table, so that it can be undone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor


class KeptQuerySet(models.QuerySet[Any]):
    """Filters that questions and dashboards share."""

    def kept(self) -> KeptQuerySet:
        """What was not removed."""
        return self.filter(removed_at=None)

    def readable_by(self, actor: Actor) -> KeptQuerySet:
        """One's own, and what colleagues share."""
        return self.kept().filter(Q(owner_id=actor.user_id) | Q(shared=True))

    def owned_by(self, actor: Actor) -> KeptQuerySet:
        """One's own: the owner alone changes it."""
        return self.kept().filter(owner_id=actor.user_id)


class Kept(models.Model):
    """What a member of staff keeps and may share."""

    title = models.CharField(_("title"), max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.CASCADE,
                              related_name="+")  # fmt: skip
    shared = models.BooleanField(
        _("shared"), default=False, help_text=_("Colleagues may open it; you alone change it.")
    )
    created_at = models.DateTimeField(_("added"))
    changed_at = models.DateTimeField(_("changed"))
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class SavedQuestion(Kept):
    """A question under a title. `text` is YAML; `kind` is copied from it for lists."""

    kind = models.CharField(_("kind"), max_length=40)
    text = models.TextField(_("question"))


class Dashboard(Kept):
    """Tiles in order. `last_days` and `segment`, when set, stand in place of those of the tiles."""

    last_days = models.PositiveSmallIntegerField(_("period"), null=True, blank=True)
    segment = models.CharField(_("segment"), max_length=2000, blank=True)


class Tile(models.Model):
    """A saved question on a dashboard. `width` is of six columns."""

    class Width(models.IntegerChoices):
        THIRD = 2, _("a third")
        HALF = 3, _("half")
        WHOLE = 6, _("whole")

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="tiles")
    question = models.ForeignKey(SavedQuestion, on_delete=models.CASCADE, related_name="tiles")
    position = models.PositiveSmallIntegerField()
    width = models.PositiveSmallIntegerField(choices=Width, default=Width.HALF)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.dashboard_id}/{self.position}"
