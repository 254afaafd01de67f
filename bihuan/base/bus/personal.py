"""What the audit keeps of a person: the facts that name them, with what was written about them."""

from typing import Any

from bihuan.base.bus.models import OutboxFact
from bihuan.base.personal import holds_personal

#: What colleagues wrote or saw of a person stands in these fields of a fact.
OF_THE_PERSON = ("before", "after")


def tell(person_id: int) -> list[dict[str, Any]]:
    """What was done about them, and when."""
    rows = OutboxFact.objects.filter(person_id=person_id).order_by("at", "pk")
    return [{"name": row.name, "at": row.at, "payload": row.payload} for row in rows]


def erase(person_id: int) -> int:
    """That something was done, when and by whom, stays for the audit; about whom, and what was written of them, goes."""
    rows = list(OutboxFact.objects.filter(person_id=person_id))
    for row in rows:
        gone: dict[str, Any] = {name: {} for name in OF_THE_PERSON if name in row.payload}
        row.person_id, row.payload = None, row.payload | gone | {"person_id": None}
    OutboxFact.objects.bulk_update(rows, ["person_id", "payload"], batch_size=500)
    return len(rows)


holds_personal("facts", tell=tell, erase=erase, order=80)
