"""REST of tickets."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Actor, Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.know.accounts.models import Account
from bihuan.serve.tickets import actions
from bihuan.serve.tickets.models import Priority, Ticket
from bihuan.serve.tickets.queries import limits_by_priority
from bihuan.serve.tickets.rules import Limits

router = Router(tags=["Tickets"])


class TicketIn(Schema):
    """A ticket to open."""

    account_id: int = Field(..., ge=1, le=2**63 - 1)
    subject: str = Field(..., min_length=1, max_length=200)
    text: str = ""
    family: str = Field("technical", examples=["technical"])
    priority: str = Field("medium", examples=["high"])


class TicketPatch(Schema):
    """What to change; fields that are absent stay. `state` moves it: pending (answered; the clock stops), open (the
    customer replied, or it was not solved) or solved."""

    subject: str | None = Field(None, min_length=1, max_length=200)
    family: str | None = None
    priority: str | None = None
    escalated: bool | None = None
    state: str | None = None
    satisfaction: int | None = Field(None, ge=1, le=5)


class TicketOut(Schema):
    """A ticket with its times: `response_minutes` and `resolution_hours` are elapsed; due times and what ends in
    `service_minutes` run by the customer's business calendar. `due_at` is null while the clock stands still."""

    id: int
    key: str
    account_id: int
    subject: str
    family: str
    priority: str
    state: str
    opened_at: datetime
    first_response_at: datetime | None
    resolved_at: datetime | None
    response_minutes: float | None
    resolution_hours: float | None
    response_due_at: datetime | None
    resolve_due_at: datetime | None
    due_at: datetime | None
    response_service_minutes: float | None
    resolution_service_minutes: float | None
    satisfaction: int | None
    escalated: bool


class LimitsBody(Schema):
    """Minutes of service time."""

    response: int = Field(..., ge=1, le=100_000, examples=[60])
    resolution: int = Field(..., ge=1, le=100_000, examples=[480])


@router.get(
    "/ticket-limits", auth=Allow("tickets.view"), response=dict[str, LimitsBody], summary="List time limits"
)
def list_limits(request: HttpRequest) -> Any:
    """By priority: what was set, else what ships."""
    return limits_by_priority()


@router.put(
    "/ticket-limits/{priority}",
    auth=Allow("tickets.limits"),
    response={204: None},
    summary="Change time limits",
)
def put_limits(request: HttpRequest, priority: Priority, body: LimitsBody) -> Any:
    """Open tickets are measured anew by a job; what was due for ended ones stays."""
    actions.change_limits(
        priority=str(priority.value), limits=Limits(**body.dict()), by=actor_of(request), at=timezone.now()
    )
    return 204, None


@router.get("/tickets", auth=Allow("tickets.view"), response=list[TicketOut], summary="List tickets")
@paginate
def list_tickets(
    request: HttpRequest, account_id: Number | None = None, state: str | None = None, overdue: bool = False
) -> Any:
    """Tickets of the territory, the newest first; with `overdue` only those past a limit, the longest overdue first."""
    rows = Ticket.objects.visible_to(actor_of(request))
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if overdue:
        rows = rows.filter(due_at__lt=timezone.now()).order_by("due_at", "pk")
    return rows if state is None else rows.filter(state=state)


@router.get("/tickets/{int:pk}", auth=Allow("tickets.view"), response=TicketOut, summary="Read a ticket")
def read_ticket(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return get_object_or_404(Ticket.objects.visible_to(actor_of(request)), pk=pk)


@router.post("/tickets", auth=Allow("tickets.edit"), response={201: TicketOut}, summary="Open a ticket")
def create_ticket(request: HttpRequest, body: TicketIn) -> Any:
    """422 names the field that is wrong."""
    actor = actor_of(request)
    account = get_object_or_404(Account.objects.visible_to(actor), pk=body.account_id)
    return 201, actions.open_ticket(
        account=account, by=actor, at=timezone.now(), **body.dict(exclude={"account_id"})
    )


@router.patch(
    "/tickets/{int:pk}", auth=Allow("tickets.edit"), response=TicketOut, summary="Change or move a ticket"
)
@transaction.atomic
def update_ticket(request: HttpRequest, pk: int, body: TicketPatch) -> Any:
    """Only what the body has; all of it or, when one part is refused, nothing."""
    actor, now = actor_of(request), timezone.now()
    ticket = get_object_or_404(Ticket.objects.visible_to(actor), pk=pk)
    fields = body.dict(exclude_unset=True)
    state, satisfaction = fields.pop("state", None), fields.pop("satisfaction", None)
    moves = {"pending": actions.answer_ticket, "solved": actions.solve_ticket, "open": _open}
    if state is not None and state not in moves:
        raise HttpError(422, f"state: {state!r} is none of {', '.join(moves)}.")
    if fields:
        ticket = actions.change_ticket(ticket=ticket, by=actor, at=now, **fields)
    if state is not None:
        ticket = moves[state](ticket=ticket, by=actor, at=now)
    if satisfaction is not None:
        ticket = actions.rate_ticket(ticket=ticket, satisfaction=satisfaction, by=actor, at=now)
    return ticket


def _open(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """It is our turn again: a waiting one is resumed, an ended one reopened."""
    return (actions.reopen_ticket if ticket.ended else actions.resume_ticket)(ticket=ticket, by=by, at=at)
