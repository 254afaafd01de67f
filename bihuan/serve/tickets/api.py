"""REST of tickets."""

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.know.accounts.models import Account
from bihuan.serve.tickets import actions
from bihuan.serve.tickets.models import Ticket

AccountNumber = Annotated[int | None, Field(ge=1, le=2**63 - 1)]
router = Router(tags=["Tickets"])


class TicketIn(Schema):
    """A ticket to open."""

    account_id: int = Field(..., ge=1, le=2**63 - 1)
    subject: str = Field(..., min_length=1, max_length=200)
    text: str = ""
    family: str = Field("technical", examples=["technical"])
    priority: str = Field("medium", examples=["high"])


class TicketPatch(Schema):
    """What to change; fields that are absent stay. `state` moves it: pending (answered), solved or open."""

    subject: str | None = Field(None, min_length=1, max_length=200)
    family: str | None = None
    priority: str | None = None
    escalated: bool | None = None
    state: str | None = None
    satisfaction: int | None = Field(None, ge=1, le=5)


class TicketOut(Schema):
    """A ticket with its times."""

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
    satisfaction: int | None
    escalated: bool


@router.get("/tickets", auth=Allow("tickets.view"), response=list[TicketOut], summary="List tickets")
@paginate
def list_tickets(request: HttpRequest, account_id: AccountNumber = None, state: str | None = None) -> Any:
    """Tickets of the territory, the newest first."""
    rows = Ticket.objects.visible_to(actor_of(request))
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
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
    moves = {"pending": actions.answer_ticket, "solved": actions.solve_ticket, "open": actions.reopen_ticket}
    if state is not None and state not in moves:
        raise HttpError(422, f"state: {state!r} is none of {', '.join(moves)}.")
    if fields:
        ticket = actions.change_ticket(ticket=ticket, by=actor, at=now, **fields)
    if state is not None:
        ticket = moves[state](ticket=ticket, by=actor, at=now)
    if satisfaction is not None:
        ticket = actions.rate_ticket(ticket=ticket, satisfaction=satisfaction, by=actor, at=now)
    return ticket
