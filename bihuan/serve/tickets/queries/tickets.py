"""Reads of tickets."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q

from bihuan.base.access import Actor
from bihuan.know.accounts.models import AccountTeam
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


def promised_by(actor: Actor, *, before: datetime, limit: int = 3) -> tuple[list[Ticket], int]:
    """Tickets given to the actor, and those given to nobody of accounts that they serve, of which a time limit ends before
    the moment: the longest overdue first, with their accounts; and how many there are."""
    serves = AccountTeam.objects.filter(staff_id=actor.user_id or 0).values("account_id")
    rows = Ticket.objects.visible_to(actor).filter(state=State.OPEN, due_at__lt=before)
    mine = rows.filter(Q(assignee_id=actor.user_id or 0) | Q(assignee=None, account_id__in=serves))
    found = list(mine.select_related("account").order_by("due_at", "pk")[:limit])
    return found, len(found) if len(found) < limit else mine.count()
