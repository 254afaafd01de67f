"""REST: reading events."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Moment
from bihuan.capture.ingest.queries import events_of_account, latest_events
from bihuan.know.accounts.models import Account

Limit = Annotated[int, Query(ge=1, le=500)]
router = Router(tags=["events"])


class EventOut(Schema):
    """One event."""

    ts: datetime
    received_at: datetime
    name: str
    distinct_id: str
    person_id: int | None
    account_id: int | None
    product_id: int | None
    source_id: int
    event_id: str
    props: dict[str, Any]


@router.get("/events", auth=Allow("events.view"), response=list[EventOut])
def list_events(
    request: HttpRequest,
    name: str | None = None,
    account_id: int | None = None,
    person_id: int | None = None,
    limit: Limit = 50,
) -> Any:
    """The events received last in the caller's territory, newest first."""
    return latest_events(
        actor=actor_of(request), limit=limit, account_id=account_id, person_id=person_id, name=name
    )


@router.get("/accounts/{account_id}/events", auth=Allow("events.view"), response=list[EventOut])
def list_account_events(
    request: HttpRequest,
    account_id: int,
    before: Moment | None = None,
    limit: Limit = 50,
) -> Any:
    """What happened at an account, newest first; `before` pages on."""
    if not Account.objects.visible_to(actor_of(request)).filter(pk=account_id).exists():
        raise Http404
    return events_of_account(account_id=account_id, limit=limit, before=before)
