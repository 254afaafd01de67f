"""The list of experiments."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor
from bihuan.base.ui import (
    BadgeColumn,
    Column,
    DateColumn,
    Empty,
    Filters,
    Hit,
    ListPage,
    NumberColumn,
    nav_entry,
    palette_source,
)
from bihuan.know.products.models import Product
from bihuan.understand.experiments.models import Experiment, Method, State, Unit

STATE_KINDS = {"running": "info", "stopped": "ok"}


def page_of(experiment: Experiment) -> str:
    """The address of an experiment."""
    return reverse("experiments:page", args=[experiment.key])


class ExperimentFilters(Filters):
    """What the list can be narrowed by."""

    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=State.choices)
    unit = django_filters.ChoiceFilter(label=_("Assigned by"), choices=Unit.choices)
    method = django_filters.ChoiceFilter(label=_("Method"), choices=Method.choices)
    product = django_filters.ModelChoiceFilter(label=_("Product"), queryset=Product.objects.all())


class Experiments(ListPage):
    """Every experiment, the newest first."""

    name, title, permission = "experiments", _("Experiments"), "experiments.view"
    columns = (
        Column("name", _("Experiment"), pinned=True, link=page_of),
        Column("key", _("Key")),
        BadgeColumn("state", _("State"), choices=dict(State.choices), kinds=STATE_KINDS, phone=True),
        BadgeColumn("unit", _("Assigned by"), choices=dict(Unit.choices)),
        BadgeColumn("method", _("Method"), choices=dict(Method.choices)),
        NumberColumn("planned", _("Planned units")),
        DateColumn("started_at", _("Started")),
        DateColumn("stopped_at", pgettext_lazy("time", "Stopped")),
        Column("chosen", _("Chosen variant")),
        Column("product", _("Product"), hidden=True),
        DateColumn("created_at", _("Added"), hidden=True),
    )  # fmt: skip
    search = ("name", "key", "hypothesis")
    filters = ExperimentFilters
    default_sort = "-created_at"
    create_title, create_permission = _("New experiment"), "experiments.edit"
    empty = Empty(
        title=_("No experiments yet"),
        text=_("Show some a change and others none, and read what it did. Plan one; the product asks which variant to show."),
        icon="flask",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them: a plan is no customer's."""
        return Experiment.objects.select_related("product")

    def row_url(self, record: Any) -> str:
        """The experiment's page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """Where one is planned."""
        return reverse("experiments:new")


nav_entry("experiments", title=_("Experiments"), url="experiments:list", section="insight", permission="experiments.view",
          icon="flask", order=50)  # fmt: skip


@palette_source("experiments", title=_("Experiments"), permission="experiments.view", icon="flask", order=65)
def find_experiments(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """By name or key."""
    rows = Experiment.objects.filter(name__icontains=q) | Experiment.objects.filter(key__icontains=q)
    return [Hit(title=row.name, url=page_of(row), note=row.key) for row in rows[:limit]]
