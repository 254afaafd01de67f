"""What capture keeps of a person: their events, and events of their ids that were rejected."""

from typing import Any

from django.db.models import Q

from bihuan.base.personal import holds_personal
from bihuan.capture.identity.queries import words_of
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.ingest.queries import in_content
from bihuan.capture.store import get_store

EVERY_EVENT = (
    "SELECT name, ts, received_at, distinct_id, account_id, source_id, event_id, props FROM events "
    "WHERE person_id = $person ORDER BY ts"
)
SHORTEST = 4  # a shorter id stands in too many texts by chance


def tell_events(person_id: int) -> list[dict[str, Any]]:
    """Every event, the oldest first."""
    rows: list[dict[str, Any]] = get_store().execute(EVERY_EVENT, {"person": person_id}).to_pylist()
    return rows


def erase_events(person_id: int) -> int:
    """Out of the log, sealed files and index; the blocks they lay in are freed."""
    store = get_store()
    gone = store.erase(person_id=person_id)
    if gone and store.owner:
        store.compact()
    return gone


def _rejected(person_id: int) -> Any:
    """Those under an id of the person, or with an id, a key, an e-mail or a phone of theirs in their content."""
    words = words_of(person_id=person_id)
    mine = Q(distinct_id__in=words)
    for one in words:
        if len(one) < SHORTEST:
            continue
        mine |= Q(body__contains=one) if one.isascii() else in_content(one)
    return RejectedEvent.objects.filter(mine) if words else RejectedEvent.objects.none()


def tell_rejected(person_id: int) -> list[dict[str, Any]]:
    """What was sent under their ids and not taken."""
    return list(_rejected(person_id).order_by("at").values("at", "name", "reason", "body"))


def erase_rejected(person_id: int) -> int:
    """All of it."""
    gone: int = _rejected(person_id).delete()[0]
    return gone


holds_personal("rejected_events", tell=tell_rejected, erase=erase_rejected, order=10)
holds_personal("events", tell=tell_events, erase=erase_events, order=20)
