"""Reads of tickets."""

from collections.abc import Iterable

from django.db.models import Count

from bihuan.serve.tickets.models import State, Ticket

UNSOLVED = (State.OPEN, State.PENDING)


def open_tickets_by_account(*, account_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Number of unsolved tickets of each account that has one."""
    tickets = Ticket.objects.filter(state__in=UNSOLVED)
    if account_ids is not None:
        tickets = tickets.filter(account_id__in=list(account_ids))
    found = tickets.values_list("account_id").annotate(number=Count("pk"))
    return {account_id: number for account_id, number in found}
