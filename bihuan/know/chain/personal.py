"""What decision chains keep of a person: their places."""

from typing import Any

from bihuan.base.personal import holds_personal
from bihuan.know.chain.models import ChainMember


def tell(person_id: int) -> list[dict[str, Any]]:
    """Role, stance, influence and last contact, by account."""
    rows = ChainMember.objects.filter(person_id=person_id)
    return list(rows.values("account__name", "role", "stance", "influence", "last_contact_on"))


def erase(person_id: int) -> int:
    """Their places."""
    gone, _by_model = ChainMember.objects.filter(person_id=person_id).delete()
    return gone


holds_personal("decision_chain", tell=tell, erase=erase)
