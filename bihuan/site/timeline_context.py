"""What the request for a time line asks, answered for its template."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account
from bihuan.site import timeline

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


def time_line_context(request: HttpRequest, found: Account, *, actor: Actor) -> dict[str, object]:
    """What the template of the time line needs."""
    now = timezone.now()
    kinds = timeline.kinds_for(actor)
    kind = request.GET.get("kind", "")
    kind = kind if kind in dict(kinds) else ""
    before: datetime | None = None
    try:
        before = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        before = None
    if before is None or timezone.is_naive(before):
        before = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    before = min(max(before, EARLIEST), now + timedelta(days=2))
    lines = timeline.moments(account=found, actor=actor, kind=kind, before=before, now=now)
    return {
        "account": found,
        "kinds": kinds,
        "kind": kind,
        "days": timeline.by_day(lines, now=now),
        "next": timeline.next_before(lines),
        "more": "before" in request.GET,
    }
