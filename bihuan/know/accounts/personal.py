"""What accounts keep of a person: the record and the memberships. They go last: others find theirs by them."""

from typing import Any

from bihuan.base.personal import holds_personal
from bihuan.know.accounts.models import Membership, Person

FIELDS = ("key", "name", "email", "phone", "title", "anonymous", "props", "created_at")


def tell(person_id: int) -> dict[str, Any]:
    """The record, and where the person belonged when."""
    person = Person.objects.filter(pk=person_id).values(*FIELDS).first() or {}
    rows = Membership.objects.filter(person_id=person_id).order_by("starts_on")
    held = rows.values("account__name", "starts_on", "ends_on", "title")
    return {**person, "memberships": list(held)}


def erase(person_id: int) -> int:
    """Both, and what hangs on them."""
    gone, _by_model = Person.objects.filter(pk=person_id).delete()
    return gone


holds_personal("record", tell=tell, erase=erase, order=90)
