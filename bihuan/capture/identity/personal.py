"""What identities keep of a person: the ids that products know them by."""

from typing import Any

from bihuan.base.personal import holds_personal
from bihuan.capture.identity.actions.resolve import get_resolver
from bihuan.capture.identity.models import Identity


def tell(person_id: int) -> list[dict[str, Any]]:
    """Each id with its product."""
    rows = Identity.objects.filter(person_id=person_id).order_by("created_at")
    return [dict(row) for row in rows.values("product__name", "distinct_id", "created_at")]


def erase(person_id: int) -> int:
    """All of them; what this process remembers of people is forgotten."""
    gone, _by_model = Identity.objects.filter(person_id=person_id).delete()
    get_resolver().forget()
    return gone


holds_personal("identities", tell=tell, erase=erase, order=60)
