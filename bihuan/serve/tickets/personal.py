"""What tickets keep of a person: who asked. The ticket stays with the account, without them."""

from typing import Any

from bihuan.base.personal import holds_personal
from bihuan.serve.tickets.models import Ticket


def tell(person_id: int) -> list[dict[str, Any]]:
    """The tickets they opened."""
    rows = Ticket.objects.filter(person_id=person_id).order_by("opened_at")
    return list(rows.values("key", "subject", "opened_at", "resolved_at", "satisfaction", "text"))


def erase(person_id: int) -> int:
    """The tickets no longer say who asked; a subject that names the person is the team's to change."""
    return Ticket.objects.filter(person_id=person_id).update(person=None)


holds_personal("tickets", tell=tell, erase=erase)
