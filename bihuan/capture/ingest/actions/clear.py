"""Rejected events that need not be kept any longer."""

from datetime import datetime, timedelta

from django.db import transaction

from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.sources.queries import days_to_keep


@transaction.atomic
def clear_rejected(*, at: datetime, days: int) -> int:
    """Delete those received longer ago than their source's events are kept, of sources that keep theirs for ever
    longer ago than `days` (0: never); returns how many."""
    own = days_to_keep()
    old = [(RejectedEvent.objects.filter(source_id=source), keep) for source, keep in own.items()]
    if days:
        old.append((RejectedEvent.objects.exclude(source_id__in=own), days))
    return sum(rows.filter(at__lt=at - timedelta(days=keep)).delete()[0] for rows, keep in old)
