"""Processes and decision tables with their versions: the diagram of a version is stored once, here."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    PROCESS = "process", pgettext_lazy("standard", "Process")
    DECISION = "decision", _("Decision table")


class Area(models.TextChoices):
    ATTRACT = "attract", _("Marketing")
    EARN = "earn", _("Sales")
    SERVE = "serve", pgettext_lazy("department", "Service")
    IMPROVE = "improve", _("Product")
    OTHER = "other", _("Other")


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("version", "Draft")
    PUBLISHED = "published", pgettext_lazy("version", "Published")
    RETIRED = "retired", pgettext_lazy("version", "Retired")


class ProcessQuerySet(models.QuerySet["Process"]):
    """Filters that pages combine."""

    def live(self) -> "ProcessQuerySet":
        """Those that were not put away."""
        return self.filter(retired_at=None)

    def startable(self) -> "ProcessQuerySet":
        """Processes with a published version."""
        return self.live().filter(kind=Kind.PROCESS, versions__state=State.PUBLISHED)


class Process(models.Model):
    """One standard, or one table by which standards decide. `key` is the id of the process in its BPMN file, or of the
    decision in its DMN file; other diagrams call it by that."""

    key = models.CharField(
        _("key"), max_length=60, unique=True, validators=[RegexValidator(r"^[A-Za-z_][A-Za-z0-9_\-]*$")]
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PROCESS)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    about = models.TextField(_("what it is for"), blank=True)
    about_zh = models.TextField(_("what it is for, in Chinese"), blank=True)
    area = models.CharField(_("department"), max_length=8, choices=Area, default=Area.OTHER)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # fmt: skip
    shipped = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ProcessQuerySet.as_manager()

    class Meta:
        ordering = ["area", "name", "id"]

    def __str__(self) -> str:
        chinese = (get_language() or "").startswith("zh")
        return self.name_zh if chinese and self.name_zh else self.name

    @property
    def purpose(self) -> str:
        """What it is for, in the reader's language where it was written."""
        chinese = (get_language() or "").startswith("zh")
        return self.about_zh if chinese and self.about_zh else self.about


class Version(models.Model):
    """One state of a diagram. A draft is edited, a published one never changes, a retired one is run to its end by the
    instances that began on it. `calls` and `asks` pin the versions of what it calls and asks, by key."""

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    xml = models.TextField()
    note = models.CharField(_("what changed"), max_length=500, blank=True)
    calls: Any = models.JSONField(default=dict, blank=True)
    asks: Any = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    edited_by_name = models.CharField(max_length=150)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["process", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["process", "number"], name="version_number_is_its_own"),
            models.UniqueConstraint(
                fields=["process"], condition=models.Q(state="draft"), name="one_draft_of_a_process"
            ),
            models.UniqueConstraint(
                fields=["process"], condition=models.Q(state="published"), name="one_published_version"
            ),
            models.CheckConstraint(
                name="published_with_its_time",
                condition=models.Q(state="draft", published_at=None)
                | (~models.Q(state="draft") & models.Q(published_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process.key} {self.number}"
