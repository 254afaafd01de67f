"""Planned events with their properties, sources that block, and what breached the plan."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("tracking plan", "Planned")
    LIVE = "live", pgettext_lazy("tracking plan", "Live")
    DEPRECATED = "deprecated", pgettext_lazy("tracking plan", "Deprecated")


class Type(models.TextChoices):
    ANY = "any", _("Anything")
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    BOOLEAN = "boolean", _("Yes or no")
    TIME = "time", _("Time")
    LIST = "list", _("List")
    OBJECT = "object", _("Object")


class PlannedEvent(models.Model):
    """An event that a product sends, or should."""

    product = models.ForeignKey(
        "products.Product", verbose_name=_("product"), on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(_("event"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LIVE)
    owner = models.CharField(_("owner"), max_length=120, blank=True)
    description = models.CharField(_("description"), max_length=1000, blank=True)
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["product", "name"], name="planned_event_once")]

    def __str__(self) -> str:
        return self.name


class PlannedProperty(models.Model):
    """A property of a planned event."""

    event = models.ForeignKey(PlannedEvent, on_delete=models.CASCADE, related_name="properties")
    name = models.CharField(_("property"), max_length=200)
    type = models.CharField(_("type"), max_length=8, choices=Type, default=Type.ANY)
    required = models.BooleanField(_("required"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LIVE)
    owner = models.CharField(_("owner"), max_length=120, blank=True)
    description = models.CharField(_("description"), max_length=1000, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="planned_property_once")]

    def __str__(self) -> str:
        return self.name


class BlockingSource(models.Model):
    """A source of which nothing is taken that breaches the plan."""

    source = models.OneToOneField("sources.Source", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.source_id)


class PlanBreach(models.Model):
    """What arrived against the plan, counted."""

    class Kind(models.TextChoices):
        UNPLANNED_EVENT = "unplanned_event", _("Event not in the plan")
        DEPRECATED_EVENT = "deprecated_event", _("Event deprecated")
        MISSING_PROPERTY = "missing_property", _("Property missing")
        WRONG_TYPE = "wrong_type", _("Property of another type")
        DEPRECATED_PROPERTY = "deprecated_property", _("Property deprecated")
        UNPLANNED_PROPERTY = "unplanned_property", _("Property not in the plan")

    source = models.ForeignKey(
        "sources.Source", verbose_name=_("source"), on_delete=models.CASCADE, related_name="+"
    )
    product = models.ForeignKey("products.Product", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("event"), max_length=200)
    property = models.CharField(_("property"), max_length=200, blank=True)
    events = models.BigIntegerField(_("events"), default=0)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        ordering = ["-last_seen_at", "-events"]
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "name", "property"], name="plan_breach_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name} {self.property}".strip()
