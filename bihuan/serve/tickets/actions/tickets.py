"""Writes about tickets: opened, changed, answered, resumed, solved, reopened, rated, imported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import kept, publish
from bihuan.base.importing import Field, ImportCount, Noun, Row, references, register_noun
from bihuan.base.upsert import upsert
from bihuan.know.accounts.models import Account, Person
from bihuan.know.products.models import Product
from bihuan.serve.tickets.actions.clock import pause, resume, set_clock
from bihuan.serve.tickets.events import (
    TicketAnswered,
    TicketChanged,
    TicketOpened,
    TicketRated,
    TicketReopened,
    TicketResumed,
    TicketsImported,
    TicketSolved,
)
from bihuan.serve.tickets.metrics import HISTORY
from bihuan.serve.tickets.models import Family, Priority, State, Ticket

ENDED = (State.SOLVED, State.CLOSED)
CHANGEABLE = ("subject", "text", "family", "priority", "assignee", "escalated")


@transaction.atomic
def open_ticket(
    *, account: Account, subject: str, by: Actor, at: datetime, key: str = "", **fields: Any
) -> Ticket:
    """Record what an account asks; without a number it gets one."""
    ticket = Ticket(
        account=account, subject=subject, opened_at=at, key=key or f"T-{uuid4().hex[:8]}", **fields
    )
    ticket.full_clean()
    set_clock(ticket)
    ticket.save()
    publish(
        TicketOpened(ticket_id=ticket.pk, account_id=account.pk, person_id=ticket.person_id, family=ticket.family,
                     priority=ticket.priority, subject=ticket.subject),
        by=by, at=at,
    )  # fmt: skip
    return ticket


@transaction.atomic
def change_ticket(*, ticket: Ticket, by: Actor, at: datetime, **fields: Any) -> Ticket:
    """Set the given fields of CHANGEABLE."""
    stored = _locked(ticket)
    changed = [name for name in CHANGEABLE if name in fields and getattr(stored, name) != fields[name]]
    if not changed:
        return stored
    before = {name: kept(getattr(stored, name)) for name in changed}
    for name in changed:
        setattr(stored, name, fields[name])
    stored.full_clean()
    if "priority" in changed and not stored.ended:
        set_clock(stored)
    stored.save()
    publish(
        TicketChanged(ticket_id=stored.pk, account_id=stored.account_id, before=before,
                      after={name: kept(fields[name]) for name in changed}),
        by=by, at=at,
    )  # fmt: skip
    return stored


@transaction.atomic
def answer_ticket(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """We answered and wait for the customer; only the first answer sets the response time, a later one is a change of
    state."""
    stored = _locked(ticket)
    if stored.state in ENDED:
        raise ValidationError(_("The ticket is solved; reopen it first."))
    first, before = stored.first_response_at is None, stored.state
    stored.first_response_at = stored.first_response_at or at
    stored.state = State.PENDING
    stored.full_clean()
    pause(ticket=stored, at=at)
    set_clock(stored)
    stored.save()
    if first:
        minutes = stored.response_minutes or 0.0
        publish(
            TicketAnswered(ticket_id=stored.pk, account_id=stored.account_id, minutes=round(minutes, 1)),
            by=by,
            at=at,
        )
    elif before != stored.state:
        publish(
            TicketChanged(ticket_id=stored.pk, account_id=stored.account_id,
                          before={"state": str(before)}, after={"state": str(stored.state)}),
            by=by, at=at,
        )  # fmt: skip
    return stored


@transaction.atomic
def solve_ticket(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """The matter is solved; solving twice changes nothing."""
    stored = _locked(ticket)
    if stored.state in ENDED:
        return stored
    stored.state, stored.resolved_at = State.SOLVED, at
    stored.first_response_at = stored.first_response_at or at
    stored.full_clean()
    resume(ticket=stored, at=at)
    set_clock(stored)
    stored.save()
    hours = stored.resolution_hours or 0.0
    publish(
        TicketSolved(ticket_id=stored.pk, account_id=stored.account_id, hours=round(hours, 2)), by=by, at=at
    )
    return stored


@transaction.atomic
def reopen_ticket(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """Back to open: the clock runs on from where it stood, the time in between was a pause."""
    stored = _locked(ticket)
    if stored.state in ENDED:
        before = {"resolved_at": kept(stored.resolved_at)}
        pause(ticket=stored, at=stored.resolved_at or at)
        resume(ticket=stored, at=at)
        stored.state, stored.resolved_at = State.OPEN, None
        set_clock(stored)
        stored.save()
        publish(
            TicketReopened(ticket_id=stored.pk, account_id=stored.account_id, before=before), by=by, at=at
        )
    return stored


@transaction.atomic
def resume_ticket(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """The customer answered: it is our turn again, and the clock runs on; nothing happens to one that did not wait."""
    stored = _locked(ticket)
    if stored.state == State.PENDING:
        stored.state = State.OPEN
        resume(ticket=stored, at=at)
        set_clock(stored)
        stored.save()
        publish(TicketResumed(ticket_id=stored.pk, account_id=stored.account_id), by=by, at=at)
    return stored


@transaction.atomic
def rate_ticket(*, ticket: Ticket, satisfaction: int, by: Actor, at: datetime) -> Ticket:
    """Keep the customer's satisfaction, 1–5."""
    stored = _locked(ticket)
    before, stored.satisfaction = {"satisfaction": stored.satisfaction}, satisfaction
    stored.full_clean()
    stored.save()
    publish(
        TicketRated(
            ticket_id=stored.pk, account_id=stored.account_id, satisfaction=satisfaction, before=before
        ),
        by=by,
        at=at,
    )
    return stored


def _locked(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_for_update().get(pk=ticket.pk)  # type: ignore[no-any-return]


@transaction.atomic
def import_tickets(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Tickets by key."""
    count = upsert(
        model=Ticket, rows=rows, key=["key"], required=["account", "subject", "opened_at"],
        refs={
            "account_key": ("account", references(queryset=Account.objects)),
            "person_key": ("person", references(queryset=Person.objects)),
            "product_code": ("product", references(queryset=Product.objects, column="code")),
            "assignee_key": ("assignee", references(queryset=get_user_model()._default_manager)),
        },
    )  # fmt: skip
    if count.created or count.updated:
        publish(
            TicketsImported(created=count.created, updated=count.updated, before=HISTORY.before(count)),
            by=by,
            at=at,
        )
    return count


register_noun(Noun(name="tickets", permission="tickets.edit", load=import_tickets, fields=(
    Field(name="key", required=True), Field(name="account_key", required=True), Field(name="person_key"),
    Field(name="product_code"), Field(name="subject", required=True), Field(name="text"),
    Field(name="family", choices=tuple(Family.values)), Field(name="priority", choices=tuple(Priority.values)),
    Field(name="state", choices=tuple(State.values)), Field(name="opened_at", kind="datetime", required=True),
    Field(name="first_response_at", kind="datetime"), Field(name="resolved_at", kind="datetime"),
    Field(name="satisfaction", kind="int"), Field(name="escalated", kind="bool"), Field(name="assignee_key"))))  # fmt: skip
