"""Pages of the tracking plan."""

from typing import Any

import django_filters
import yaml
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    Column,
    Empty,
    Filters,
    FormPage,
    ListPage,
    NumberColumn,
    nav_entry,
)
from bihuan.base.ui.responses import done
from bihuan.capture.plan.actions import (
    draft_plan,
    import_plan,
    remove_event,
    remove_property,
    save_event,
    save_property,
    set_blocking,
)
from bihuan.capture.plan.forms import BlockingForm, DocumentForm, EventForm, ProductForm, PropertyForm
from bihuan.capture.plan.models import PlanBreach, PlannedEvent, PlannedProperty, State
from bihuan.capture.plan.queries import blocking_sources, plan_of
from bihuan.capture.plan.rules import write_document
from bihuan.capture.sources.models import Source
from bihuan.know.products.models import Product

KINDS = {"planned": "info", "live": "ok", "deprecated": "warn"}


def page_of(event: PlannedEvent) -> str:
    """The address of a planned event."""
    return reverse("tracking:event", args=[event.pk])


class EventFilters(Filters):
    """What the plan can be narrowed by."""

    product = django_filters.ModelChoiceFilter(label=gettext_lazy("Product"), queryset=Product.objects.all())
    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=State.choices)


class PlannedEvents(ListPage):
    """The tracking plan."""

    name, title, permission = "planned_events", gettext_lazy("Tracking plan"), "tracking.view"
    columns = (
        Column("name", gettext_lazy("Event"), pinned=True, link=page_of),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(State.choices), kinds=KINDS, phone=True),
        Column("product", gettext_lazy("Product"), get="product.name"),
        NumberColumn("property_count", gettext_lazy("Properties")),
        Column("owner", gettext_lazy("Owner")),
        Column("description", gettext_lazy("Description")),
        AgoColumn("updated_at", gettext_lazy("Changed"), hidden=True),
    )
    search = ("name", "description", "owner")
    filters = EventFilters
    default_sort = "name"
    create_title, create_permission = gettext_lazy("New event"), "tracking.edit"
    empty = Empty(
        title=gettext_lazy("No plan yet"),
        text=gettext_lazy("Draft a first one from what has arrived, or import one as YAML."),
    )
    template = "plan/list.html"

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of it: a plan is no customer's."""
        return PlannedEvent.objects.select_related("product").annotate(property_count=Count("properties"))

    def context(self, *, request: HttpRequest, **route: Any) -> dict[str, Any]:
        """Who may fill it."""
        return {"may_edit": actor_of(request).may("tracking.edit")}

    def row_url(self, record: Any) -> str:
        """The event's page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """Where one is added."""
        return reverse("tracking:new")


class BreachFilters(Filters):
    """What the breaches can be narrowed by."""

    source = django_filters.ModelChoiceFilter(label=gettext_lazy("Source"), queryset=Source.objects.all())
    kind = django_filters.MultipleChoiceFilter(label=gettext_lazy("Kind"), choices=PlanBreach.Kind.choices)
    name = django_filters.CharFilter(label=gettext_lazy("Event"))


class Breaches(ListPage):
    """What arrived against the plan."""

    name, title, permission = "plan_breaches", gettext_lazy("Breaches of the plan"), "tracking.view"
    columns = (
        Column("name", gettext_lazy("Event"), pinned=True),
        BadgeColumn("kind", gettext_lazy("Kind"), choices=dict(PlanBreach.Kind.choices), phone=True),
        Column("property", gettext_lazy("Property")),
        Column("source", gettext_lazy("Source"), get="source.name"),
        NumberColumn("events", gettext_lazy("Counted"), phone=True),
        AgoColumn("last_seen_at", gettext_lazy("Last seen")),
        AgoColumn("first_seen_at", gettext_lazy("First seen"), hidden=True),
    )
    search = ("name", "property")
    filters = BreachFilters
    default_sort = "-last_seen_at"
    empty = Empty(
        title=gettext_lazy("Nothing breached the plan"),
        text=gettext_lazy("Every event that came was as planned."),
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them."""
        return PlanBreach.objects.select_related("source")


@allow("tracking.view")
def event_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One planned event: its properties and what breached it."""
    event = get_object_or_404(PlannedEvent.objects.select_related("product"), pk=pk)
    breaches = PlanBreach.objects.filter(product_id=event.product_id, name=event.name).select_related(
        "source"
    )[:50]
    context = {
        "event": event, "properties": event.properties.all(), "breaches": breaches,
        "may_edit": actor_of(request).may("tracking.edit"),
    }  # fmt: skip
    return render(request, "plan/event.html", context)


@allow("tracking.view")
def document(request: HttpRequest) -> HttpResponse:
    """The plan of a product as YAML, as it can be imported."""
    product = get_object_or_404(Product, pk=_whole(request.GET.get("product")))
    told = write_document(product=product.code, events=plan_of(product_id=product.pk))
    response = HttpResponse(
        yaml.safe_dump(told, allow_unicode=True, sort_keys=False), content_type="application/yaml"
    )
    response["Content-Disposition"] = 'attachment; filename="tracking-plan.yaml"'
    return response


class NewEvent(FormPage):
    """Plan an event."""

    name, title, permission, form = "planned_event", gettext_lazy("New event"), "tracking.edit", EventForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it."""
        return _("Planned."), page_of(save_event(event=form.save(commit=False), by=by, at=at))


class EditEvent(NewEvent):
    """Change a planned event."""

    title = gettext_lazy("Change event")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The event."""
        return get_object_or_404(PlannedEvent, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The form is about it."""
        return {"instance": subject}


class NewProperty(FormPage):
    """Plan a property of an event."""

    name, title, permission, form = (
        "planned_property",
        gettext_lazy("New property"),
        "tracking.edit",
        PropertyForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """A property of the event, not saved yet."""
        return PlannedProperty(event=get_object_or_404(PlannedEvent, pk=route["pk"]))

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The form is about it."""
        return {"instance": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it."""
        row = save_property(row=form.save(commit=False), by=by, at=at)
        return _("Saved."), page_of(row.event)


class EditProperty(NewProperty):
    """Change a planned property."""

    title = gettext_lazy("Change property")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The property."""
        return get_object_or_404(PlannedProperty.objects.select_related("event"), pk=route["pk"])


class ImportPlan(FormPage):
    """Take a plan from YAML."""

    name, title, permission, form = (
        "import_plan",
        gettext_lazy("Import a plan"),
        "tracking.edit",
        DocumentForm,
    )

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add and change what it names."""
        added, changed = import_plan(**form.cleaned_data, by=by, at=at)
        text = _("%(added)d events added, %(changed)d changed.") % {"added": added, "changed": changed}
        return text, reverse("tracking:list")


class DraftPlan(FormPage):
    """Make a first plan of what has arrived."""

    name, title, permission, form = (
        "draft_plan",
        gettext_lazy("Draft from what has arrived"),
        "tracking.edit",
        ProductForm,
    )

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add what is not planned yet."""
        added = draft_plan(product=form.cleaned_data["product"], by=by, at=at)
        return _("%(added)d events added. Look them over.") % {"added": added}, reverse("tracking:list")


class Blocking(FormPage):
    """Let a source block."""

    name, title, permission, form = (
        "plan_blocking",
        gettext_lazy("Block what is not planned"),
        "tracking.edit",
        BlockingForm,
    )

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Set it."""
        set_blocking(**form.cleaned_data, by=by, at=at)
        return _("Saved."), reverse("tracking:sources")


@allow("tracking.view")
def sources(request: HttpRequest) -> HttpResponse:
    """Which sources block."""
    blocking = blocking_sources()
    rows = [(row, row.pk in blocking) for row in Source.objects.filter(kind=Source.Kind.PRODUCT)]
    return render(
        request, "plan/sources.html", {"rows": rows, "may_edit": actor_of(request).may("tracking.edit")}
    )


@allow("tracking.edit")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an event out of the plan."""
    event = get_object_or_404(PlannedEvent, pk=pk)
    remove_event(event=event, by=actor_of(request), at=timezone.now())
    return done(request, _("Removed from the plan."), to=reverse("tracking:list"))


@allow("tracking.edit")
@require_POST
def drop_property(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a property out of the plan."""
    row = get_object_or_404(PlannedProperty.objects.select_related("event"), pk=pk)
    remove_property(row=row, by=actor_of(request), at=timezone.now())
    return done(request, _("Removed from the plan."), to=page_of(row.event))


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


nav_entry("tracking_plan", title=gettext_lazy("Tracking plan"), url="tracking:list", section="data",
          permission="tracking.view", icon="checklist", order=20)  # fmt: skip
