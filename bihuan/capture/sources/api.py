"""REST: reading sources. Keys are made in the pages or on the command line, never here."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bihuan.base.access import Allow, actor_of
from bihuan.capture.sources.queries import sources_for

router = Router(tags=["sources"])


class SourceOut(Schema):
    """A source, without its key."""

    id: int
    code: str
    name: str
    product_id: int | None
    kind: str
    key_hint: str
    active: bool
    keep_days: int
    created_at: datetime
    last_seen_at: datetime | None


@router.get("/sources", auth=Allow("sources.view"), response=list[SourceOut])
def list_sources(request: HttpRequest) -> Any:
    """Every source."""
    return sources_for(actor=actor_of(request))
