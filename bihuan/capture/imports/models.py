"""A run of an import: who, when, with which mapping, and its data-quality report."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor, Reach


class ImportDraft(models.Model):
    """A file that somebody sent, with the draft of its mapping, until it is imported or a few days are over."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    folder = models.CharField(max_length=32)  # below MEDIA_ROOT/imports, with the one file
    file = models.CharField(max_length=255)
    draft = models.JSONField()
    kept = models.CharField(max_length=80, blank=True)  # the kept mapping that it began from

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.file


class KeptMapping(models.Model):
    """A draft that was kept under a name, for the next file with these columns."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    noun = models.CharField(max_length=40)
    draft = models.JSONField()
    by_name = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Filters."""

    def visible_to(self, actor: Actor) -> "ImportRunQuerySet":
        """All for those who see every customer (a report quotes rows of any), else one's own."""
        return self if actor.reach == Reach.ALL else self.filter(by_id=actor.user_id, by__isnull=False)


class ImportRun(models.Model):
    """One import, by command, page or API. A check by command leaves none."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    mapping = models.CharField(_("mapping"), max_length=120)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    check_only = models.BooleanField(_("check only"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(_("started"))
    took_ms = models.PositiveIntegerField(_("duration"), null=True)
    folder = models.CharField(max_length=120, blank=True)  # of an upload, below MEDIA_ROOT/imports
    job_id = models.BigIntegerField(null=True)
    draft = models.ForeignKey(ImportDraft, null=True, on_delete=models.SET_NULL, related_name="runs")
    report = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["-started_at", "-id"], name="import_started")]

    def __str__(self) -> str:
        return f"{self.mapping} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def totals(self) -> dict[str, int]:
        """read, created, updated, unchanged, rejected, duplicates, suspicious; empty while it runs."""
        return dict(self.report.get("totals", {}))
