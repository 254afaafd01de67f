"""Pages of absences: the list, entering one, changing and ending it."""

from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    BadgeColumn,
    Column,
    DateColumn,
    Empty,
    Filters,
    FormPage,
    ListPage,
    done,
    nav_entry,
    refusals_at,
)
from bihuan.know.absences import actions
from bihuan.know.absences.forms import AbsenceForm
from bihuan.know.absences.models import Absence
from bihuan.know.staff.models import Staff


class AbsenceFilters(Filters):
    """What the list can be narrowed by."""

    needs = {"staff": "staff.view", "deputy": "staff.view"}
    staff = django_filters.ModelChoiceFilter(label=gettext_lazy("Who is away"), queryset=Staff.objects.all())
    deputy = django_filters.ModelChoiceFilter(label=gettext_lazy("Deputy"), queryset=Staff.objects.all())
    last_day = django_filters.DateFromToRangeFilter(label=gettext_lazy("Last day"))


class Absences(ListPage):
    """Who is away when: colleagues see it of each other."""

    name, title, permission = "absences", gettext_lazy("Absences"), "absences.own"
    columns = (
        Column("staff", gettext_lazy("Who is away"), get=lambda row: row.staff, sort="staff__name", pinned=True),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(Absence.State.choices), sort=None, phone=True,
                    kinds={"away": "warn", "planned": "info"}),
        DateColumn("first_day", gettext_lazy("First day"), phone=True),
        DateColumn("last_day", gettext_lazy("Last day"), phone=True),
        Column("deputy", gettext_lazy("Deputy"), get=lambda row: row.deputy or "", sort="deputy__name"),
        Column("entered_by_name", gettext_lazy("Entered by"), hidden=True),
    )  # fmt: skip
    search = ("staff__name", "deputy__name")
    filters = AbsenceFilters
    default_sort = "-first_day"
    create_title, create_permission = gettext_lazy("Enter an absence"), "absences.own"
    empty = Empty(
        title=gettext_lazy("Nobody is away"),
        text=gettext_lazy("Enter when you are away and who stands in; what comes to your bench meanwhile goes to them."),
        icon="calendar",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Everybody's for our own side; partners see their own."""
        rows = Absence.objects.select_related("staff", "deputy")
        return rows if actor.may("staff.view") else rows.filter(staff=actor.user_id or 0)

    def row_url(self, record: Any) -> str:
        """The form, which those without the right do not find."""
        return reverse("absences:edit", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("absences:new")


class NewAbsence(FormPage):
    """Enter one's own, or with the right anybody's."""

    name, title, permission, form = "absence", gettext_lazy("Enter an absence"), "absences.own", AbsenceForm
    submit = gettext_lazy("Enter")

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Oneself, from today on."""
        today = timezone.localdate()
        return {"actor": actor, "initial": {"staff": actor.user_id, "first_day": today, "last_day": today}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """It begins at once when its first day is here."""
        said = dict(form.cleaned_data)
        staff = said.pop("staff", None) or get_object_or_404(Staff, pk=by.user_id or 0)
        actions.enter_absence(staff=staff, by=by, at=at, **said)
        return _("Entered."), reverse("absences:list")


class EditAbsence(FormPage):
    """Other days, another deputy; or back earlier."""

    name, title, permission, form = "absence", gettext_lazy("Change an absence"), "absences.own", AbsenceForm
    template = "absences/form.html"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """One that the actor may change."""
        return get_object_or_404(Absence.objects.open_to(actor).select_related("staff"), pk=route["pk"])

    def title_for(self, subject: Any) -> Any:
        """Who is away."""
        return _("Absence of %(who)s") % {"who": subject.staff}

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What is stored."""
        kept = {"first_day": subject.first_day, "last_day": subject.last_day, "deputy": subject.deputy_id,
                "note": subject.note}  # fmt: skip
        return {"actor": actor, "absence": subject, "initial": kept}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """With everything that follows."""
        kept = {"deputy": subject.deputy}
        actions.change_absence(absence=subject, by=by, at=at, **(kept | form.cleaned_data))
        return _("Saved."), reverse("absences:list")


@allow("absences.own")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Back earlier, or withdrawn."""
    actor = actor_of(request)
    row = get_object_or_404(Absence.objects.open_to(actor), pk=pk)
    with refusals_at(reverse("absences:list")):
        row = actions.end_absence(absence=row, by=actor, at=timezone.now())
    text = _("Back. What the deputy has not begun comes back too.") if row.began_at else _("Withdrawn.")
    return done(request, text, to=reverse("absences:list"))


nav_entry("absences", title=gettext_lazy("Absences"), url="absences:list", section="workbench", permission="absences.own",
          icon="calendar-off", order=8)  # fmt: skip
