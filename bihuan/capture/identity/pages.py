"""Pages of identity: keys that no account has, people who belong nowhere, merging two people and undoing it."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.ui import (
    AgoColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    FormPage,
    ListPage,
    NumberColumn,
    done,
    nav_entry,
)
from bihuan.capture.identity.actions import merge_by_hand, name_account_key, refuse_suggestion, undo_merge
from bihuan.capture.identity.forms import KeyForm, MergeForm
from bihuan.capture.identity.models import Merge, UnknownAccount
from bihuan.capture.identity.queries import first_event_days, suggestions_for
from bihuan.know.accounts.actions import start_membership
from bihuan.know.accounts.models import Membership, Person


class UnknownKeys(ListPage):
    """Account keys on events that no account has."""

    name = "unknown_accounts"
    title = gettext_lazy("Unknown account keys")
    permission = "identity.view"
    columns = (
        Column("key", gettext_lazy("Account key"), pinned=True),
        Column("product", gettext_lazy("Product"), get="product.name"),
        NumberColumn("events", gettext_lazy("Events"), phone=True),
        AgoColumn("first_seen_at", gettext_lazy("First seen"), hidden=True),
        AgoColumn("last_seen_at", gettext_lazy("Last seen"), phone=True),
    )
    search = ("key",)
    default_sort = "-events"
    empty = Empty(
        title=gettext_lazy("Every key is known"),
        text=gettext_lazy(
            "When a product names an account that is not here, its key waits here to be assigned."
        ),
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them, for those who see every customer: a key belongs to no territory yet."""
        rows = UnknownAccount.objects.select_related("product")
        return rows if actor.reach == Reach.ALL else rows.none()

    def row_url(self, record: Any) -> str:
        """The form that assigns it."""
        return reverse("identity:name_key", args=[record.pk])


class NameKey(FormPage):
    """Say which account a key means."""

    name = "account-key"
    title = gettext_lazy("Assign the account key")
    permission = "identity.edit"
    form = KeyForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The key."""
        rows = UnknownAccount.objects.all() if actor.reach == Reach.ALL else UnknownAccount.objects.none()
        return get_object_or_404(rows, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The actor limits which accounts there are."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Its events follow, past ones too."""
        account = form.cleaned_data["account_key"]
        name_account_key(unknown=subject, account=account, by=by, at=at)
        return _("Events with this key belong to %(account)s now.") % {"account": account}, reverse(
            "identity:unknown"
        )


class UnattachedFilters(Filters):
    """What the list can be narrowed by."""

    anonymous = django_filters.BooleanFilter(label=gettext_lazy("Anonymous"))


def confirm(*, rows: Sequence[Person], by: Actor, at: Any, data: Any) -> Done:
    """Attach the ticked people to the accounts that are suggested for them, from their first event on."""
    found = suggestions_for(people=rows, actor=by)
    days = first_event_days(people=found)
    for person in rows:
        if person.pk in found:
            starts_on = days.get(person.pk) or timezone.localdate(at)
            start_membership(
                person=person, account=found[person.pk].account, starts_on=starts_on, by=by, at=at
            )
    n = len(found)
    text = ngettext(
        "%(n)d person attached; their events follow.", "%(n)d people attached; their events follow.", n
    )
    return Done(text=text % {"n": n})


def refuse(*, rows: Sequence[Person], by: Actor, at: Any, data: Any) -> Done:
    """Do not suggest these accounts for the ticked people again."""
    found = suggestions_for(people=rows, actor=by)
    for person in rows:
        if person.pk in found:
            refuse_suggestion(person=person, account=found[person.pk].account, by=by, at=at)
    text = ngettext("%(n)d suggestion refused.", "%(n)d suggestions refused.", len(found))
    return Done(text=text % {"n": len(found)})


class Unattached(ListPage):
    """People who belong to no account today, with the account that their e-mail points to."""

    name = "unattached"
    title = gettext_lazy("People without an account")
    permission = "identity.view"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, get=str, sort="name",
               link=lambda p: reverse("accounts:person", args=[p.pk])),
        Column("email", gettext_lazy("E-mail"), phone=True),
        Column("suggestion", gettext_lazy("Suggested account"), sort=None, phone=True,
               get=lambda p: p.suggestion.account.name if p.suggestion else ""),
        Column("why", gettext_lazy("Because"), sort=None, get=lambda p: why(p)),
        AgoColumn("created_at", gettext_lazy("Known since")),
    )  # fmt: skip
    search = ("name", "email", "key")
    filters = UnattachedFilters
    default_sort = "-created_at"
    batch = (
        BatchAction(
            name="confirm", title=gettext_lazy("Attach as suggested"), permission="identity.edit", run=confirm
        ),
        BatchAction(
            name="refuse", title=gettext_lazy("Refuse the suggestion"), permission="identity.edit", run=refuse
        ),
    )
    empty = Empty(
        title=gettext_lazy("Everybody belongs somewhere"),
        text=gettext_lazy("People whose events name no account, and who are members of none, appear here."),
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Only those who see every customer see people of no customer."""
        held = Membership.objects.filter(person=OuterRef("pk")).valid_on(timezone.localdate())
        rows = Person.objects.themselves().filter(~Exists(held))
        return rows if actor.reach == Reach.ALL else rows.none()

    def prepared(self, records: list[Any], *, actor: Actor) -> list[Any]:
        """With the suggestion of each."""
        found = suggestions_for(people=records, actor=actor)
        for person in records:
            person.suggestion = found.get(person.pk)
        return records

    def row_url(self, record: Any) -> str:
        """The person's page."""
        return reverse("accounts:person", args=[record.pk])


def why(person: Any) -> str:
    """The reason of a suggestion in words."""
    found = person.suggestion
    if not found:
        return ""
    text = ngettext("%(n)d member has %(domain)s", "%(n)d members have %(domain)s", found.members)
    return text % {"n": found.members, "domain": found.domain}


class MergePerson(FormPage):
    """This person is somebody else who is known already."""

    name = "person-merge"
    title = gettext_lazy("Merge with another person")
    permission = "identity.edit"
    form = MergeForm
    about = Person

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The actor limits whom one may choose."""
        return {"actor": actor, "gone": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Merge the two."""
        stays = form.cleaned_data["person"]
        merge_by_hand(gone=subject, stays=stays, by=by, at=at)
        return _("The two are one person now."), reverse("accounts:person", args=[stays.pk])


@allow("identity.edit")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor), pk=pk)
    merge = get_object_or_404(Merge, gone=person, undone_at=None)
    undo_merge(merge=merge, by=actor, at=timezone.now())
    return done(request, _("They are two people again."), to=reverse("accounts:person", args=[pk]))


nav_entry("unattached", title=gettext_lazy("People without an account"), url="identity:unattached", section="data",
          permission="identity.view", icon="user-question", order=40)  # fmt: skip
nav_entry("unknown_accounts", title=gettext_lazy("Unknown account keys"), url="identity:unknown", section="data",
          permission="identity.view", icon="help", order=50)  # fmt: skip
