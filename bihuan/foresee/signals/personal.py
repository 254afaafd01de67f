"""What signals keep of a person: those about them."""

from typing import Any

from bihuan.base.personal import holds_personal
from bihuan.foresee.signals.models import Signal


def tell(person_id: int) -> list[dict[str, Any]]:
    """What was seen, when, and what was done with it."""
    rows = Signal.objects.filter(person_id=person_id).order_by("pk")
    return [
        {"kind": row.kind, "day": row.day.isoformat(), "seen": row.seen, "state": row.state, "note": row.note} for row in rows
    ]  # fmt: skip


def erase(person_id: int) -> int:
    """All of them."""
    gone, _by_model = Signal.objects.filter(person_id=person_id).delete()
    return gone


holds_personal("signals", tell=tell, erase=erase)
