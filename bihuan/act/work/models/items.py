"""Work items 待办: a step whose turn it is, on a bench or in the queue of a role."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bihuan.act.work.models.instances import Instance
from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Account


class ItemState(models.TextChoices):
    """Whether an item waits."""

    OPEN = "open", pgettext_lazy("work item", "Open")
    CLAIMED = "claimed", pgettext_lazy("work item", "Claimed")
    DONE = "done", pgettext_lazy("work item", "Done")
    SKIPPED = "skipped", pgettext_lazy("work item", "Skipped")
    WITHDRAWN = "withdrawn", pgettext_lazy("work item", "Withdrawn")


class ItemKind(models.TextChoices):
    """A step of the diagram that a person does, one that the platform does, or one that the drawing does not have."""

    STEP = "step", _("Step")
    AUTOMATIC = "automatic", _("Automatic step")
    EXTRA = "extra", _("Extra step")


#: Those that wait for somebody.
WAITING = (ItemState.OPEN, ItemState.CLAIMED)


def overdue(at: datetime) -> models.Q:
    """Items whose time limit has passed. The clock of one that is paused stands still: it is not overdue meanwhile."""
    return models.Q(due_at__lt=at, left_seconds=None)


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    """Whose items."""

    def waiting(self) -> "WorkItemQuerySet":
        """Those that wait for a person; while an instance is paused, with a clock that stands still."""
        return self.filter(state__in=WAITING).exclude(kind=ItemKind.AUTOMATIC)

    def of(self, actor: Actor) -> "WorkItemQuerySet":
        """Those on somebody's own bench."""
        return self.filter(assignee=actor.user_id) if actor.user_id is not None else self.none()

    def queued_for(self, actor: Actor) -> "WorkItemQuerySet":
        """Those that nobody has and that a role of the actor may take, in the territory."""
        return self.filter(_queued(actor))

    def in_reach_of(self, actor: Actor) -> "WorkItemQuerySet":
        """Those on one's own bench, and those that one may take."""
        return self.filter(_own(actor) | _queued(actor))

    def about_accounts_of(self, actor: Actor) -> "WorkItemQuerySet":
        """Those about accounts of the territory, and about none."""
        return self.filter(_about_accounts(actor))

    def visible_to(self, actor: Actor) -> "WorkItemQuerySet":
        """One's own, one's queues, and with `work.see` all of the territory."""
        if not actor.may("work.see"):
            return self.in_reach_of(actor)
        return self if actor.reach == Reach.ALL else self.filter(_own(actor) | _about_accounts(actor))


def _own(actor: Actor) -> models.Q:
    return models.Q(assignee=actor.user_id) if actor.user_id is not None else models.Q(pk=None)


def _queued(actor: Actor) -> models.Q:
    roles = [str(role) for role in actor.roles]
    return models.Q(assignee=None, role__in=roles) & _about_accounts(actor)


def _about_accounts(actor: Actor) -> models.Q:
    if actor.reach == Reach.ALL:
        return models.Q()
    accounts = Account.objects.visible_to(actor).values("pk")
    return models.Q(account=None) | models.Q(account__in=accounts)


class WorkItem(models.Model):
    """One turn of one step. `token` is the engine's name for the turn, "" for an extra step; `index` tells the turns of a step
    done many times apart. `due_at` is in service time; `values` are what the form was filled with. Once it is done,
    `waiting_seconds` and `work_seconds` are the service time from opened to claimed and from claimed to done; `minutes` is what
    whoever did it says that it took, `effort_seconds` that, or an estimate (`bihuan.act.work.effort`); before, what is
    expected of it, where whoever put it there knows."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="items")
    token = models.CharField(max_length=36, blank=True)
    element = models.CharField(max_length=120, blank=True)
    index = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=9, choices=ItemKind, default=ItemKind.STEP)
    name = models.CharField(_("step"), max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    role = models.CharField(_("role"), max_length=20, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("on the bench of"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=9, choices=ItemState, default=ItemState.OPEN)
    opened_at = models.DateTimeField(pgettext_lazy("work item", "opened"))
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    due_at = models.DateTimeField(pgettext_lazy("work item", "due"), null=True, blank=True)
    left_seconds = models.PositiveIntegerField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_by_name = models.CharField(_("done by"), max_length=150, blank=True)
    values: Any = models.JSONField(default=dict)
    signed = models.CharField(pgettext_lazy("work item", "signed"), max_length=80, blank=True)
    waiting_seconds = models.PositiveIntegerField(null=True, blank=True)
    work_seconds = models.PositiveIntegerField(null=True, blank=True)
    minutes = models.PositiveIntegerField(_("minutes it took"), null=True, blank=True)
    effort_seconds = models.PositiveIntegerField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "opened_at", "id"]
        indexes = [
            models.Index(
                fields=["assignee", "due_at"],
                condition=models.Q(state__in=["open", "claimed"]),
                name="item_bench",
            ),
            models.Index(
                fields=["role", "due_at"],
                condition=models.Q(state__in=["open", "claimed"]),
                name="item_queue",
            ),
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state__in=["open", "claimed"]), name="item_due"
            ),
            models.Index(fields=["instance", "opened_at"], name="item_instance"),
            models.Index(fields=["done_by", "-done_at"], name="item_done"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "token"],
                condition=~models.Q(token="") & models.Q(state__in=["open", "claimed"]),
                name="one_item_of_a_token",
            ),
            models.CheckConstraint(
                name="item_done_with_its_time",
                condition=models.Q(state__in=["open", "claimed"], done_at=None)
                | (~models.Q(state__in=["open", "claimed"]) & models.Q(done_at__isnull=False)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name
