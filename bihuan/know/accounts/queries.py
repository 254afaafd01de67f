"""Reads of accounts that other rooms use."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404
from django.urls import reverse

from bihuan.base.access import Actor
from bihuan.base.bus.said import Subject, register_subject
from bihuan.base.calendars.users import names_customers
from bihuan.base.personal import everything_of
from bihuan.know.accounts.models import Account, Person


def visible_account(*, pk: int, actor: Actor) -> Account:
    """The account, or Http404 when it is unknown or outside the actor's territory."""
    found = Account.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@names_customers
def names_by_number(account_ids: Iterable[int], actor: Actor) -> dict[int, tuple[str, str]]:
    """Name and address of the accounts of the territory, for whoever knows them by number only."""
    rows = Account.objects.visible_to(actor).filter(pk__in=list(account_ids)).order_by("name")
    return {row.pk: (row.name, reverse("site:account", args=[row.pk])) for row in rows}


def _accounts_named(ids: Iterable[int]) -> dict[int, Subject]:
    rows = Account.objects.filter(pk__in=list(ids)).only("pk", "name")
    return {row.pk: Subject(title=row.name, url=reverse("site:account", args=[row.pk])) for row in rows}


def _people_named(ids: Iterable[int]) -> dict[int, Subject]:
    rows = Person.objects.filter(pk__in=list(ids))
    return {row.pk: Subject(title=str(row), url=reverse("accounts:person", args=[row.pk])) for row in rows}


register_subject("account_id", _accounts_named)
register_subject("person_id", _people_named)


def merged_ids(person_id: int) -> list[int]:
    """Who was merged into this person: rows of their own that stand for the same human."""
    return list(Person.objects.filter(merged_into=person_id).order_by("pk").values_list("pk", flat=True))


def everything_kept(person_id: int) -> dict[str, Any]:
    """All that is kept of this person by what keeps it, and under `merged` the same of who was merged into them."""
    told = everything_of(person_id)
    merged = [everything_of(one) for one in merged_ids(person_id)]
    return {**told, "merged": merged} if merged else told


def family_ids(*, account: Account) -> list[int]:
    """The account and everything below it, for roll-ups."""
    ids, frontier = [account.pk], [account.pk]
    while frontier:
        below: list[Any] = list(Account.objects.filter(parent_id__in=frontier).values_list("pk", flat=True))
        frontier = [pk for pk in below if pk not in ids]
        ids += frontier
    return ids
