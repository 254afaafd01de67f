"""REST of the audit: who did what, when."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.base.bus.queries import audit_of
from bihuan.base.shapes import Moment, Number

router = Router(tags=["Operations"])


class FactOut(Schema):
    """One thing that was done."""

    id: int
    name: str
    at: datetime
    actor_kind: str
    actor_name: str
    account_id: int | None
    person_id: int | None
    payload: dict[str, Any]


@router.get("/audit", auth=Allow("audit.view"), response=list[FactOut], summary="Read the audit")
@paginate
def list_facts(
    request: HttpRequest, name: str = "", account_id: Number | None = None, since: Moment | None = None
) -> Any:
    """The newest first; a `since` without an offset is read in the installation's time zone."""
    rows = audit_of(actor=actor_of(request)).order_by("-at", "-id")
    if name:
        rows = rows.filter(name=name)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    return rows if since is None else rows.filter(at__gte=since)
