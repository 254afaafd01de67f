"""REST of notices."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.base.notices import actions
from bihuan.base.notices.models import Notice

router = Router(tags=["Processes"])


class NoticeOut(Schema):
    """What one was told; `text` in the language that the request accepts."""

    id: int
    kind: str
    text: str
    args: dict[str, Any]
    url: str
    at: datetime
    read_at: datetime | None


@router.get("/notices", auth=Allow("notices.own"), response=list[NoticeOut], summary="List notices")
@paginate
def list_notices(request: HttpRequest, unread: bool = False) -> Any:
    """One's own, the newest first."""
    rows = Notice.objects.of(actor_of(request))
    return rows.unread() if unread else rows


@router.post(
    "/notices/read", auth=Allow("notices.own"), response={204: None}, summary="Mark all notices read"
)
def read_notices(request: HttpRequest) -> Any:
    """Everything that one was told so far."""
    actions.read_all(by=actor_of(request), at=timezone.now())
    return 204, None


@router.post(
    "/notices/{int:pk}/read", auth=Allow("notices.own"), response=NoticeOut, summary="Mark a notice read"
)
def read_notice(request: HttpRequest, pk: int) -> Any:
    """404 for what others were told."""
    row = get_object_or_404(Notice.objects.of(actor_of(request)), pk=pk)
    return actions.read(notice=row, by=actor_of(request), at=timezone.now())
