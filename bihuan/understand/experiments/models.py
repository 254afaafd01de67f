"""Experiments: the table."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.know.products.models import Product

KEY = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]{0,59}\Z", _("Write small letters, digits, _ and -, at most 60, such as new-form.")
)


class Unit(models.TextChoices):
    PERSON = "person", _("Person")
    ACCOUNT = "account", _("Account")


class Method(models.TextChoices):
    FIXED = "fixed", _("Fixed end")
    SEQUENTIAL = "sequential", _("Look at any time")
    BAYESIAN = "bayesian", _("Bayesian")


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("experiment", "Draft")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")


class Experiment(models.Model):
    """One experiment. `variants` are {"name", "weight"}, the control first; `metrics` are those of the experiment question,
    the primary one first. `chosen` is the variant that everybody gets once it is stopped."""

    key = models.CharField(_("key"), max_length=60, unique=True, validators=[KEY])
    name = models.CharField(_("name"), max_length=120)
    hypothesis = models.TextField(_("hypothesis"), blank=True)
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    unit = models.CharField(_("assigned by"), max_length=8, choices=Unit, default=Unit.ACCOUNT)
    variants = models.JSONField(_("variants"))
    metrics = models.JSONField(_("metrics"))
    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.FIXED)
    planned = models.PositiveIntegerField(
        _("planned units"), default=10_000, validators=[MinValueValidator(20), MaxValueValidator(10**9)]
    )
    cuped_days = models.PositiveSmallIntegerField(
        _("days before, to take noise away"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    matters = models.FloatField(_("smallest effect that matters"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    chosen = models.CharField(_("chosen variant"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("added"))

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="experiment_state_has_its_times",
                condition=models.Q(state="draft", started_at=None, stopped_at=None)
                | models.Q(state="running", started_at__isnull=False, stopped_at=None)
                | models.Q(state="stopped", started_at__isnull=False, stopped_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def weights(self) -> list[tuple[str, int]]:
        """(name, weight) of each variant, the control first."""
        return [(variant["name"], variant["weight"]) for variant in self.variants]

    @property
    def control(self) -> str:
        """The variant that nobody notices."""
        return str(self.variants[0]["name"])
