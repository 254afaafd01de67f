"""What people leave at an item: ticks, votes, words, files, deviations and links for those outside."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.act.work.models.instances import Instance
from bihuan.act.work.models.items import WorkItem
from bihuan.base.access import Actor
from bihuan.know.absences.models import Absence


class Tick(models.Model):
    """A line of the check-list that is done; `line` is its place, 0 the first."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="ticks")
    line = models.PositiveSmallIntegerField()
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "line"], name="a_line_is_ticked_once")]

    def __str__(self) -> str:
        return f"{self.item_id} line {self.line}"


class Vote(models.Model):
    """What one approver says. `place` is their turn; `approver` who is asked: a role, or a sign-in name; `extra` when they were
    asked in beside the drawing (加签). Open until `at`."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="votes")
    place = models.PositiveSmallIntegerField()
    approver = models.CharField(max_length=80)
    extra = models.BooleanField(default=False)
    approved = models.BooleanField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    signed = models.CharField(pgettext_lazy("work item", "signed"), max_length=80, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place", "id"]

    def __str__(self) -> str:
        return f"{self.item_id} {self.approver}"


class Comment(models.Model):
    """Words at an item or at the whole instance; `mentions` are asked to look."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="comments")
    item = models.ForeignKey(
        WorkItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="comments"
    )
    text = models.TextField(_("comment"), max_length=5_000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class File(models.Model):
    """A file at an item; its bytes lie in the installation's folder under `place`. `field` when a form asked for it."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="files")
    item = models.ForeignKey(WorkItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="files")
    field = models.CharField(max_length=60, blank=True)
    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=100)
    place = models.CharField(max_length=200)
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.name


class Deviation(models.Model):
    """A step that was not done as drawn, and why. `element` is where; `reviewed_at` when somebody has looked at it."""

    class Kind(models.TextChoices):
        SKIP = "skip", pgettext_lazy("deviation", "Skipped")
        ADD = "add", pgettext_lazy("deviation", "Added")
        AHEAD = "ahead", pgettext_lazy("deviation", "Done ahead")
        REASSIGN = "reassign", pgettext_lazy("deviation", "Given to somebody else")

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="deviations")
    item = models.ForeignKey(WorkItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    element = models.CharField(max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField(_("when"))
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by_name = models.CharField(max_length=150, blank=True)
    review = models.CharField(_("review"), max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["element", "kind"], name="deviation_element")]

    def __str__(self) -> str:
        return f"{self.kind} {self.element}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters that pages and programs share."""

    def visible_to(self, actor: Actor) -> "InvitationQuerySet":
        """Those at items that the actor may see."""
        return self.filter(item__in=WorkItem.objects.visible_to(actor))


class Invitation(models.Model):
    """A link with which somebody outside does one item and sees nothing else. Only a digest of its secret is kept."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("for"), max_length=120)
    made_by_name = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name


class HandOver(models.Model):
    """That an item went from the bench of somebody who is away to their deputy, or to the queue of its role (`to` None).
    `back_at` when it was returned."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="hand_overs")
    absence = models.ForeignKey(Absence, null=True, on_delete=models.SET_NULL, related_name="+")
    was = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()
    back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["absence"], condition=models.Q(back_at=None), name="hand_over_open")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.was_id} → {self.to_id}"
