"""Pages of people: the list, the page of one, and the forms that change them."""

from datetime import date
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    Column,
    DateColumn,
    Empty,
    Filters,
    FormPage,
    Hit,
    ListPage,
    formats,
    nav_entry,
    palette_source,
)
from bihuan.know.accounts import actions
from bihuan.know.accounts.forms import EndMembershipForm, NewPersonForm, PersonForm
from bihuan.know.accounts.models import Membership, Person
from bihuan.know.accounts.queries import visible_account

MOST_LOOKED_AT = 200


class NewPerson(FormPage):
    """Add a person to an account."""

    name = "person"
    title = gettext_lazy("New person")
    permission = "people.edit"
    form = NewPersonForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The account, within the territory."""
        return visible_account(pk=route["account"], actor=actor)

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """They belong from today, unless said otherwise."""
        return {"initial": {"starts_on": timezone.localdate()}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add the person and the membership."""
        person = actions.add_person(account=subject, by=by, at=at, **form.cleaned_data)
        return _("Person added."), reverse("accounts:person", args=[person.pk])


class EditPerson(FormPage):
    """Change a person."""

    name = "person-edit"
    title = gettext_lazy("Edit person")
    permission = "people.edit"
    form = PersonForm
    about = Person

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"instance": Person.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Change what differs."""
        actions.change_person(person=subject, by=by, at=at, **form.cleaned_data)
        return _("Person saved."), reverse("accounts:person", args=[subject.pk])


class EndMembership(FormPage):
    """A person left an account."""

    name = "membership-end"
    title = gettext_lazy("End the membership")
    permission = "people.edit"
    form = EndMembershipForm
    about = Membership

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Today, unless said otherwise."""
        return {"initial": {"ends_on": timezone.localdate()}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """End it; a day before the start is an error of that field."""
        day: date = form.cleaned_data["ends_on"]
        if day <= subject.starts_on:
            raise ValidationError({"ends_on": _("The end must lie after the start.")})
        actions.end_membership(membership=subject, ends_on=day, by=by, at=at)
        return _("Membership ended."), reverse("accounts:person", args=[subject.person_id])


@allow("people.view")
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: who they are and where they belong."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor).select_related("merged_into"), pk=pk)
    memberships = Membership.objects.visible_to(actor).filter(person=person).select_related("account")
    context = {"person": person, "memberships": memberships, "may_edit": actor.may("people.edit"),
               "may_erase": actor.may("personal.manage"), "may_merge": actor.may("identity.edit"),
               "merged": person.merged.all(),
               "today": timezone.localdate()}  # fmt: skip
    return render(request, "accounts/person.html", context)


class PersonFilters(Filters):
    """What a list of people can be narrowed by."""

    anonymous = django_filters.BooleanFilter(label=gettext_lazy("Anonymous"))
    account = django_filters.NumberFilter(field_name="memberships__account_id", label=gettext_lazy("Account number"),
                                          distinct=True)  # fmt: skip


def account_names(person: Any) -> str:
    """Where the person belongs now, by name."""
    today = timezone.localdate()
    return formats.listed(
        m.account.name
        for m in person.memberships.all()
        if m.starts_on <= today and (m.ends_on is None or m.ends_on > today)
    )


class People(ListPage):
    """Everyone in the accounts of the territory."""

    name = "people"
    title = gettext_lazy("People")
    permission = "people.view"
    export_permission = "people.export"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, get=str, sort="name",
               link=lambda p: reverse("accounts:person", args=[p.pk])),
        Column("account", gettext_lazy("Account"), get=account_names, sort=None, phone=True),
        Column("title", pgettext_lazy("job", "Title")),
        Column("email", gettext_lazy("E-mail"), phone=True),
        Column("phone", gettext_lazy("Phone"), hidden=True),
        DateColumn("created_at", gettext_lazy("Known since"), hidden=True),
    )  # fmt: skip
    search = ("name", "email", "title")
    filters = PersonFilters
    default_sort = "name"
    empty = Empty(title=gettext_lazy("No people yet"),
                  text=gettext_lazy("They come with an import, or when a product event names them."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """People of visible accounts."""
        mine = Membership.objects.visible_to(actor).select_related("account")
        return (
            Person.objects.visible_to(actor)
            .themselves()
            .prefetch_related(Prefetch("memberships", queryset=mine))
        )

    def row_url(self, record: Any) -> str:
        """The person's page."""
        return reverse("accounts:person", args=[record.pk])


nav_entry("people", title=gettext_lazy("People"), url="accounts:people", section="customers",
          permission="people.view", icon="users")  # fmt: skip


@palette_source("people", title=gettext_lazy("People"), permission="people.view", icon="users", order=20)
def find_people(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """People whose name or e-mail starts with the words, with the account they joined last."""
    people = starting_with("name", q) | starting_with("email", q.lower())
    found = Membership.objects.visible_to(actor).filter(
        person__in=list(people.values_list("pk", flat=True)[:MOST_LOOKED_AT])
    )
    hits: dict[int, Hit] = {}
    for row in found.select_related("person", "account").order_by("-starts_on"):
        url = reverse("accounts:person", args=[row.person_id])
        hits.setdefault(row.person_id, Hit(title=str(row.person), url=url, note=row.account.name))
    return list(hits.values())[:limit]


def starting_with(field: str, words: str) -> QuerySet[Person]:
    """People whose field starts with the words, by its index (LIKE would read every row on SQLite)."""
    return Person.objects.filter(**{f"{field}__gte": words, f"{field}__lt": words + "\uffff"})
