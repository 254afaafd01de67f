"""Reads of accounts that other rooms use."""

from typing import Any

from django.http import Http404

from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account


def visible_account(*, pk: int, actor: Actor) -> Account:
    """The account, or Http404 when it is unknown or outside the actor's territory."""
    found = Account.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def family_ids(*, account: Account) -> list[int]:
    """The account and everything below it, for roll-ups."""
    ids, frontier = [account.pk], [account.pk]
    while frontier:
        below: list[Any] = list(Account.objects.filter(parent_id__in=frontier).values_list("pk", flat=True))
        frontier = [pk for pk in below if pk not in ids]
        ids += frontier
    return ids
