"""Pages of regions and teams: what a territory is made of."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor
from bihuan.base.ui import Column, Empty, FormPage, ListPage, NumberColumn, nav_entry
from bihuan.know.staff.actions import add_region, add_team, change_region, rename_team
from bihuan.know.staff.forms import RegionForm, TeamForm
from bihuan.know.staff.models import Region, Team


class Regions(ListPage):
    """The tree of sales regions."""

    name = "regions"
    title = gettext_lazy("Regions")
    permission = "staff.view"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True),
        Column("code", gettext_lazy("Code"), phone=True),
        Column("parent", gettext_lazy("Part of"), get="parent.name", phone=True),
    )
    search = ("name", "code")
    default_sort = "name"
    create_title = gettext_lazy("New region")
    create_permission = "staff.edit"
    empty = Empty(
        title=gettext_lazy("No regions yet"),
        text=gettext_lazy(
            "A colleague whose territory is a region sees the customers of it and of the regions below it."
        ),
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them."""
        return Region.objects.select_related("parent")

    def row_url(self, record: Any) -> str:
        """The form, which those without the right are refused."""
        return reverse("staff:edit_region", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("staff:new_region")


class NewRegion(FormPage):
    """Add a region."""

    name = "region-new"
    title = gettext_lazy("New region")
    permission = "staff.edit"
    form = RegionForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it."""
        add_region(by=by, at=at, **form.cleaned_data)
        return _("Region added."), reverse("staff:regions")


class EditRegion(FormPage):
    """Rename a region, or hang it below another."""

    name = "region-edit"
    title = gettext_lazy("Edit region")
    permission = "staff.edit"
    form = RegionForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The region."""
        return get_object_or_404(Region, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"region": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Change it."""
        data = form.cleaned_data
        change_region(region=subject, name=data["name"], parent=data["parent"], by=by, at=at)
        return _("Region saved."), reverse("staff:regions")


class Teams(ListPage):
    """Groups of colleagues who share their customers."""

    name = "teams"
    title = gettext_lazy("Teams")
    permission = "staff.view"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True),
        Column("code", gettext_lazy("Code"), phone=True),
        NumberColumn("colleagues", gettext_lazy("Colleagues"), phone=True),
    )
    search = ("name", "code")
    default_sort = "name"
    create_title = gettext_lazy("New team")
    create_permission = "staff.edit"
    empty = Empty(
        title=gettext_lazy("No teams yet"),
        text=gettext_lazy("A colleague whose territory is the team sees the customers of everyone in it."),
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them, with how many may sign in."""
        return Team.objects.annotate(colleagues=Count("members", filter=Q(members__is_active=True)))

    def row_url(self, record: Any) -> str:
        """The form, which those without the right are refused."""
        return reverse("staff:edit_team", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("staff:new_team")


class NewTeam(FormPage):
    """Add a team."""

    name = "team-new"
    title = gettext_lazy("New team")
    permission = "staff.edit"
    form = TeamForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it."""
        add_team(by=by, at=at, **form.cleaned_data)
        return _("Team added. Its members are set on each colleague."), reverse("staff:teams")


class EditTeam(FormPage):
    """Rename a team."""

    name = "team-edit"
    title = gettext_lazy("Edit team")
    permission = "staff.edit"
    form = TeamForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The team."""
        return get_object_or_404(Team, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"team": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Rename it."""
        rename_team(team=subject, name=form.cleaned_data["name"], by=by, at=at)
        return _("Team saved."), reverse("staff:teams")


nav_entry("regions", title=gettext_lazy("Regions"), url="staff:regions", section="settings",
          permission="staff.view", icon="world")  # fmt: skip
nav_entry("teams", title=gettext_lazy("Teams"), url="staff:teams", section="settings",
          permission="staff.view", icon="users-group")  # fmt: skip
