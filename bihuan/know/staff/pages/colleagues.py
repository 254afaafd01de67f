"""Pages of staff: the list, adding, changing, and a one-time sign-in."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.access.actions import create_sign_in_link
from bihuan.base.ui import BadgeColumn, Column, Empty, Filters, FormPage, ListPage, nav_entry
from bihuan.know.staff.actions import add_staff, change_staff
from bihuan.know.staff.forms import StaffForm
from bihuan.know.staff.models import REACH_TITLES, Staff, Team


class StaffFilters(Filters):
    """What the list can be narrowed by."""

    reach = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Territory"), choices=list(REACH_TITLES.items())
    )
    team = django_filters.ModelChoiceFilter(label=gettext_lazy("Team"), queryset=Team.objects.all())
    is_active = django_filters.BooleanFilter(label=gettext_lazy("May sign in"))


class Colleagues(ListPage):
    """Our own people."""

    name = "staff"
    title = gettext_lazy("Staff")
    permission = "staff.view"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True),
        Column("roles", gettext_lazy("Roles"), get=lambda s: ", ".join(s.role_titles), sort=None, phone=True),
        BadgeColumn("reach", gettext_lazy("Territory"), choices=REACH_TITLES),
        Column("regions", gettext_lazy("Regions"), get=lambda s: ", ".join(r.name for r in s.regions.all()), sort=None),
        Column("team", gettext_lazy("Team"), get="team.name"),
        Column("email", gettext_lazy("E-mail"), hidden=True),
        Column("username", gettext_lazy("Sign-in name"), hidden=True),
        BadgeColumn("is_active", gettext_lazy("May sign in"),
                    choices={True: gettext_lazy("Yes"), False: gettext_lazy("No")}),
    )  # fmt: skip
    search = ("name", "username", "email", "title")
    filters = StaffFilters
    default_sort = "name"
    create_title = gettext_lazy("New colleague")
    create_permission = "staff.edit"
    empty = Empty(title=gettext_lazy("Nobody yet"), text=gettext_lazy("Add the people who will work here."))

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Everyone: colleagues are no secret."""
        return Staff.objects.select_related("team").prefetch_related("regions")

    def row_url(self, record: Any) -> str:
        """The form, which those without the right are refused."""
        return reverse("staff:edit", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("staff:new")


class NewStaff(FormPage):
    """Add a colleague; they sign in first with a one-time link."""

    name = "staff-new"
    title = gettext_lazy("New colleague")
    permission = "staff.edit"
    form = StaffForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add them."""
        staff = add_staff(by=by, at=at, **form.fields_of_action())
        return _("Added. Give them a one-time sign-in."), reverse("staff:edit", args=[staff.pk])


class EditStaff(FormPage):
    """Change a colleague."""

    name = "staff-edit"
    title = gettext_lazy("Edit colleague")
    permission = "staff.edit"
    form = StaffForm
    template = "staff/edit.html"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The colleague."""
        return get_object_or_404(Staff, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"staff": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Change what differs."""
        change_staff(staff=subject, by=by, at=at, **form.fields_of_action())
        return _("Saved."), reverse("staff:list")


@allow("staff.edit")
@require_POST
def sign_in_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A one-time sign-in, shown once."""
    staff = get_object_or_404(Staff, pk=pk, is_active=True)
    secret = create_sign_in_link(staff=staff, by=actor_of(request), at=timezone.now())
    link = request.build_absolute_uri(reverse("access:sign_in_link", args=[secret]))
    return render(request, "staff/link.html", {"staff": staff, "link": link})


nav_entry("staff", title=gettext_lazy("Staff"), url="staff:list", section="settings", permission="staff.view",
          icon="users")  # fmt: skip
