"""Pages of business calendars, under Settings."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.calendars import NeverOpen, Versions, actions, add_service_time, announced_until
from bihuan.base.calendars.forms import ROLES, CalendarForm, RenameForm, TryForm, UseForm, VersionForm
from bihuan.base.calendars.models import BusinessCalendar, CalendarUse, CalendarVersion
from bihuan.base.calendars.queries import BUILT_IN, built_in, versions_of
from bihuan.base.calendars.users import customers_by_number
from bihuan.base.calendars.year import KINDS, months_of, unannounced
from bihuan.base.ui import (
    AgoColumn,
    Column,
    Empty,
    FormPage,
    ListPage,
    NumberColumn,
    done,
    nav_entry,
    refusals_at,
)
from bihuan.base.ui.forms import Saved

#: So long before a year begins its make-up workdays ought to be known.
AHEAD = timedelta(days=60)
MOST_CUSTOMERS = 50


class Calendars(ListPage):
    """All of them, and what is used where none is chosen."""

    name, title, permission = "calendars", gettext_lazy("Business calendars"), "calendars.view"
    template = "calendars/list.html"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True),
        Column("key", gettext_lazy("Key"), phone=True),
        Column("zone", gettext_lazy("Time zone"), phone=True),
        NumberColumn("versions_count", gettext_lazy("Versions")),
        NumberColumn("uses_count", gettext_lazy("Used by")),
        AgoColumn("changed_at", gettext_lazy("Changed"), get=lambda row: max(v.made_at for v in row.versions.all())),
    )  # fmt: skip
    search = ("name", "key")
    default_sort = "name"
    export_permission = "calendars.view"
    create_title, create_permission = gettext_lazy("New calendar"), "calendars.edit"
    empty = Empty(
        title=gettext_lazy("No calendar of your own yet"),
        text=gettext_lazy("Until you add one, the one that ships counts: Monday to Friday, China's holidays and make-up days."),
        icon="calendar",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """With how many versions and uses each has."""
        return BusinessCalendar.objects.annotate(
            versions_count=Count("versions", distinct=True), uses_count=Count("uses", distinct=True)
        ).prefetch_related("versions")

    def row_url(self, record: Any) -> str:
        """Its page."""
        return reverse("calendars:page", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form."""
        return reverse("calendars:new")

    def context(self, *, request: HttpRequest, **route: Any) -> dict[str, Any]:
        """Which one holds for the organisation and the roles, and what is missing of the holidays."""
        uses = (
            CalendarUse.objects.filter(account_id=None)
            .select_related("calendar")
            .order_by("-is_default", "role")
        )
        return {
            "uses": [(_whom(use), use.calendar) for use in uses],
            "has_default": any(use.is_default for use in uses), "missing": missing_holidays(),
            "may_edit": actor_of(request).may("calendars.edit"),
        }  # fmt: skip


def missing_holidays() -> int | None:
    """The year that comes (or runs) and whose make-up workdays some calendar in use would need; None when all is known."""
    year, last = (timezone.localdate() + AHEAD).year, announced_until("CN")
    if last is None or year <= last:
        return None
    used = CalendarVersion.objects.filter(calendar__uses__isnull=False).values_list("definition", flat=True)
    shipped = [] if CalendarUse.objects.filter(is_default=True).exists() else [BUILT_IN]
    return year if unannounced([*used, *shipped], year) else None


@allow("calendars.view")
def calendar_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A year of it, its versions, where it is used, and a try."""
    row, actor = get_object_or_404(BusinessCalendar, pk=pk), actor_of(request)
    versions = list(row.versions.select_related("made_by"))
    of_customers = row.uses.exclude(account_id=None)
    accounts = [int(use.account_id or 0) for use in of_customers[:MOST_CUSTOMERS]]
    known = customers_by_number(accounts, actor=actor)
    context = {
        "calendar": row, "versions": versions, "may_edit": actor.may("calendars.edit"),
        "roles": [_whom(use) for use in row.uses.filter(account_id=None)],
        "customers": list(known.values()), "customers_count": of_customers.count(),
    }  # fmt: skip
    written = [(version.valid_from, version.definition) for version in versions]
    return _shown(request, versions_of(calendar_id=pk), written, str(row), context)


@allow("calendars.view")
def shipped_page(request: HttpRequest) -> HttpResponse:
    """The calendar that counts where none was chosen."""
    return _shown(request, built_in(), [(None, BUILT_IN)], _("The calendar that ships"), {"versions": []})


def _shown(
    request: HttpRequest, versions: Versions, written: Any, title: str, more: dict[str, Any]
) -> HttpResponse:
    this = timezone.localdate().year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 1990 <= int(asked) <= 2090 else this
    zone = ZoneInfo(versions.zone)
    initial = {"start": timezone.now().astimezone(zone).replace(tzinfo=None), "hours": 8}
    form = TryForm(request.GET if "start" in request.GET else None, initial=initial)
    due, never = None, False
    if form.is_bound and form.is_valid():
        start = form.cleaned_data["start"].replace(tzinfo=zone)
        span = timedelta(hours=float(form.cleaned_data["hours"]))
        try:
            due = (
                add_service_time(calendar=versions, start=start, span=span)
                .astimezone(zone)
                .replace(tzinfo=None)
            )
        except NeverOpen:
            never = True
    context = more | {
        "title": title, "zone": versions.zone, "year": year, "this_year": this, "form": form, "due": due, "never": never,
        "months": months_of(versions=versions, written=written, year=year), "kinds": KINDS,
        "unannounced": unannounced([definition for _day, definition in written], year),
        "announced": announced_until("CN"),
    }  # fmt: skip
    return render(request, "calendars/page.html", context)


def _whom(use: CalendarUse) -> str:
    return _("The organisation") if use.is_default else str(ROLES.get(use.role, use.role))  # type: ignore[call-overload]


class NewCalendar(FormPage):
    """Add one; it starts as the one that ships."""

    name, title, permission, form = "calendar", gettext_lazy("New calendar"), "calendars.edit", CalendarForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Add it and go there."""
        said = form.cleaned_data
        row = actions.add_calendar(key=said["key"], name=said["name"], zone=said["zone"], definition=form.said,
                                   note=said["note"], by=by, at=at)  # fmt: skip
        return _("Calendar added. It holds for nobody yet."), reverse("calendars:page", args=[row.pk])


class Rename(FormPage):
    """Call it otherwise."""

    name, title, permission, form = "calendar_name", gettext_lazy("Rename"), "calendars.edit", RenameForm

    def subject(self, *, actor: Actor, **route: Any) -> BusinessCalendar:
        """The calendar."""
        return get_object_or_404(BusinessCalendar, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from its name."""
        return {"initial": {"name": subject.name}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Rename it."""
        actions.rename_calendar(calendar=subject, name=form.cleaned_data["name"], by=by, at=at)
        return _("Saved."), reverse("calendars:page", args=[subject.pk])


class NewVersion(Rename):
    """A change from a day on, starting from what holds now."""

    name, title = "calendar_version", gettext_lazy("Change from a day on")
    form = VersionForm  # type: ignore[assignment]  # both are forms; the page does not care which

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What the last version says, from tomorrow on."""
        tomorrow = timezone.localdate() + timedelta(days=1)
        return {"definition": subject.versions.last().definition, "initial": {"valid_from": tomorrow}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Set the version of that day."""
        said = form.cleaned_data
        actions.set_version(calendar=subject, valid_from=said["valid_from"], definition=form.said, note=said["note"],
                            by=by, at=at)  # fmt: skip
        text = _("Saved. What is open is measured anew; what was closed stays as it was.")
        return text, reverse("calendars:page", args=[subject.pk])


class EditVersion(FormPage):
    """Correct a version."""

    name, title, permission, form = (
        "version",
        gettext_lazy("Correct this version"),
        "calendars.edit",
        VersionForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> CalendarVersion:
        """The version."""
        return get_object_or_404(CalendarVersion.objects.select_related("calendar"), pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what it says."""
        initial = {"valid_from": subject.valid_from, "note": subject.note}
        return {"definition": subject.definition, "initial": initial}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Set it; another day makes another version."""
        said = form.cleaned_data
        actions.set_version(calendar=subject.calendar, valid_from=said["valid_from"], definition=form.said,
                            note=said["note"], by=by, at=at)  # fmt: skip
        text = _("Saved. What is open is measured anew; what was closed stays as it was.")
        return text, reverse("calendars:page", args=[subject.calendar_id])


class EditUse(FormPage):
    """Which calendar holds for the organisation and the roles."""

    name, title, permission, form = (
        "calendar_use",
        gettext_lazy("Where they are used"),
        "calendars.edit",
        UseForm,
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what holds."""
        uses = CalendarUse.objects.filter(account_id=None)
        return {"chosen": {use.role or "default": use.calendar_id for use in uses}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Set each that differs."""
        for name, chosen in form.cleaned_data.items():
            actions.use_calendar(calendar=chosen, role="" if name == "default" else name, by=by, at=at)
        return _("Saved. What is open is measured anew; what was closed stays as it was."), reverse(
            "calendars:list"
        )


@allow("calendars.edit")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """One that holds for nobody."""
    row = get_object_or_404(BusinessCalendar, pk=pk)
    with refusals_at(reverse("calendars:page", args=[pk])):
        actions.remove_calendar(calendar=row, by=actor_of(request), at=timezone.now())
    return done(request, _("“%(title)s” was removed.") % {"title": row.name}, to=reverse("calendars:list"))


@allow("calendars.edit")
@require_POST
def remove_version(request: HttpRequest, pk: int) -> HttpResponse:
    """The version before it counts on."""
    version = get_object_or_404(CalendarVersion.objects.select_related("calendar"), pk=pk)
    to = reverse("calendars:page", args=[version.calendar_id])
    with refusals_at(to):
        actions.remove_version(version=version, by=actor_of(request), at=timezone.now())
    return done(request, _("The version was removed; the one before it counts on."), to=to)


nav_entry("calendars", title=gettext_lazy("Business calendars"), url="calendars:list", section="settings",
          permission="calendars.view", icon="calendar", order=20)  # fmt: skip
