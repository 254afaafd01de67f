"""Dashboards: the list, one with its tiles, arranging and removing."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    Column,
    Empty,
    FormPage,
    ListPage,
    NumberColumn,
    Undo,
    done,
    undoable,
)
from bihuan.understand.explore import actions
from bihuan.understand.explore.forms import AddTileForm, DashboardForm, FilterForm
from bihuan.understand.explore.models import Dashboard, SavedQuestion, Tile
from bihuan.understand.explore.pages.keeping import own, removing
from bihuan.understand.explore.pages.running import name_in
from bihuan.understand.explore.pages.saved import SHARED
from bihuan.understand.explore.pages.state import answered, state_of, text_for
from bihuan.understand.explore.present import address_of
from bihuan.understand.explore.registry import kinds


def opened(dashboard: Dashboard) -> str:
    """Where a dashboard stands."""
    return reverse("explore:dashboard", args=[dashboard.pk])


class Dashboards(ListPage):
    """One's own and shared dashboards."""

    name, title, permission = "dashboards", gettext_lazy("Dashboards"), "explore.view"
    columns = (
        Column("title", gettext_lazy("Title"), pinned=True, link=opened),
        NumberColumn("tile_count", gettext_lazy("Tiles"), phone=True),
        Column("owner", gettext_lazy("Owner"), get="owner.name"),
        BadgeColumn("shared", gettext_lazy("Shared"), choices=SHARED),
        AgoColumn("changed_at", gettext_lazy("Changed")),
    )
    search = ("title",)
    default_sort = "title"
    export = False
    create_title, create_permission = gettext_lazy("New dashboard"), "explore.save"
    empty = Empty(
        title=gettext_lazy("No dashboards yet"),
        text=gettext_lazy("A dashboard shows several saved questions together; share it with colleagues."),
        icon="layout-dashboard",
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """What the actor may open."""
        shown = Count("tiles", filter=Q(tiles__question__removed_at=None))
        rows: QuerySet[Any] = Dashboard.objects.readable_by(actor).select_related("owner")
        counted: QuerySet[Any] = rows.annotate(tile_count=shown)
        return counted

    def row_url(self, record: Any) -> str:
        """Its page."""
        return opened(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """Where one is made."""
        return reverse("explore:new_dashboard")


def readable(actor: Actor, pk: int) -> Dashboard:
    """A dashboard the actor may open, else 404."""
    found: Dashboard = get_object_or_404(Dashboard.objects.readable_by(actor).select_related("owner"), pk=pk)
    return found


@allow("explore.view")
@require_GET
def dashboard(request: HttpRequest, pk: int) -> HttpResponse:
    """The tiles; each asks for its answer when it comes into view."""
    actor = actor_of(request)
    row = readable(actor, pk)
    filters = FilterForm(request.GET or {"period": str(row.last_days or ""), "segment": row.segment})
    may_edit = row.owner_id == actor.user_id and actor.may("explore.save")
    context = {
        "dashboard": row, "tiles": tiles_of(row), "filters": filters, "may_edit": may_edit,
        "arranging": may_edit and request.GET.get("arrange") == "yes", "widths": Tile.Width.choices,
    }  # fmt: skip
    return render(request, "explore/dashboard.html", context)


def tiles_of(row: Dashboard) -> QuerySet[Tile]:
    """The tiles whose question was not removed."""
    return row.tiles.filter(question__removed_at=None).select_related("question")


@allow("explore.view")
@require_GET
def tile(request: HttpRequest, pk: int, tile: int) -> HttpResponse:
    """The answer of a tile under the filters of the dashboard, as a fragment."""
    actor = actor_of(request)
    row = readable(actor, pk)
    shown = get_object_or_404(tiles_of(row), pk=tile)
    filters = FilterForm(request.GET)
    said = filters.cleaned_data if filters.is_valid() else {}
    state = state_of(shown.question.text, actor=actor)
    if state.document is not None:
        document = filtered(state.document, last_days=said.get("period", ""), segment=said.get("segment", ""))
        state = answered(
            state_of(text_for(document, before=state.text), actor=actor),
            at=timezone.now(),
            name=name_in(request.GET),
        )
    link = address_of(state.document) if state.document is not None else ""
    return render(request, "explore/parts/tile.html", {"tile": shown, "state": state, "link": link})


def filtered(document: dict[str, Any], *, last_days: str, segment: str) -> dict[str, Any]:
    """The question with the period and the segment of the dashboard in place of its own, where its kind has them."""
    has = {one.name for one in kinds()[document["kind"]].fields}
    result = dict(document)
    if last_days and "period" in has:
        result["period"] = {"last": f"{last_days}d"}
    if segment and "segment" in has:
        result["segment"] = segment
    return result


class SaveDashboard(FormPage):
    """A new dashboard, or another title, sharing and filters."""

    name, title, permission, form = "dashboard", gettext_lazy("New dashboard"), "explore.save", DashboardForm

    def subject(self, *, actor: Actor, **route: Any) -> Dashboard | None:
        """One's own, or none yet."""
        return own(Dashboard, actor, route["pk"]) if "pk" in route else None

    def title_for(self, subject: Any) -> Any:
        """Which it is."""
        return gettext_lazy("Change the dashboard") if subject else self.title

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """As it is."""
        if subject is None:
            return {"actor": actor}
        names = ("title", "shared", "last_days", "segment")
        return {
            "actor": actor,
            "was_shared": subject.shared,
            "initial": {name: getattr(subject, name) for name in names},
        }

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Make or change it."""
        said = form.cleaned_data
        row = actions.save_dashboard(
            dashboard=subject, title=said["title"], shared=bool(said.get("shared")), last_days=said["last_days"],
            segment=said["segment"], by=by, at=at,
        )  # fmt: skip
        return _("Saved."), opened(row)


class AddTile(FormPage):
    """One more question on a dashboard."""

    name, title, permission, form = "tile", gettext_lazy("Add a question"), "explore.save", AddTileForm
    submit = gettext_lazy("Add")

    def subject(self, *, actor: Actor, **route: Any) -> Dashboard:
        """One's own dashboard."""
        return own(Dashboard, actor, route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Questions that the actor may open."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Put it at the end."""
        actions.add_tile(dashboard=subject, by=by, at=at, **form.cleaned_data)
        return _("Added."), opened(subject)


@allow("explore.save")
@require_POST
def arrange(request: HttpRequest, pk: int, tile: int, step: str) -> HttpResponse:
    """Move a tile, change its width, or take it away; the page comes back in the same mode."""
    actor = actor_of(request)
    row = own(Dashboard, actor, pk)
    shown = get_object_or_404(row.tiles.select_related("dashboard"), pk=tile)
    if step not in actions.STEPS:
        raise Http404
    question, width = shown.question_id, shown.width
    actions.arrange(tile=shown, step=step, by=actor, at=timezone.now())
    undo = (
        Undo(name="explore.tile", args={"pk": pk, "question": question, "width": width})
        if step == "drop"
        else None
    )
    text = _("The tile was taken away.") if step == "drop" else _("Arranged.")
    return done(request, text, to=f"{opened(row)}?arrange=yes", undo=undo)


@undoable("explore.tile", permission="explore.save")
def put_back(*, by: Actor, at: datetime, pk: int, question: int, width: int) -> str:
    """Put a tile back, at the end."""
    kept = get_object_or_404(SavedQuestion.objects.readable_by(by), pk=question)
    actions.add_tile(dashboard=own(Dashboard, by, pk), question=kept, width=width, by=by, at=at)
    return _("It is back, as the last tile.")


remove = removing("dashboard", to="explore:dashboards")
