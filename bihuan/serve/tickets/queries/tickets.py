"""Reads of tickets."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from bihuan.serve.tickets.models import State, Ticket

UNSOLVED = (State.OPEN, State.PENDING)


def open_tickets_by_account(*, account_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Number of unsolved tickets of each account that has one."""
    tickets = Ticket.objects.filter(state__in=UNSOLVED)
    if account_ids is not None:
        tickets = tickets.filter(account_id__in=list(account_ids))
    found = tickets.values_list("account_id").annotate(number=Count("pk"))
    return dict(found)


def tickets_of(*, account_id: int, before: datetime, limit: int = 50) -> list[Ticket]:
    """The account's tickets opened before a moment, the newest first, with their people and assignees."""
    found = Ticket.objects.filter(account_id=account_id, opened_at__lt=before)
    return list(found.select_related("person", "assignee").order_by("-opened_at")[:limit])
