"""What segments keep of a person: on which lists they stand."""

from typing import Any

from bihuan.base.personal import holds_personal
from bihuan.understand.segments.models import SegmentMember


def tell(person_id: int) -> list[dict[str, Any]]:
    """Static segments with them."""
    rows: Any = SegmentMember.objects.filter(person_id=person_id)
    return list(rows.values("segment__key", "segment__title"))


def erase(person_id: int) -> int:
    """From every list."""
    gone, _by_model = SegmentMember.objects.filter(person_id=person_id).delete()
    return gone


holds_personal("segments", tell=tell, erase=erase)
