"""What colleagues are called where only their number is known."""

from collections.abc import Iterable

from bihuan.base.bus.said import Subject, register_subject
from bihuan.know.staff.models import Staff


def colleagues_named(ids: Iterable[int]) -> dict[int, Subject]:
    """By id; those who are gone are absent."""
    return {
        row.pk: Subject(title=row.name) for row in Staff.objects.filter(pk__in=list(ids)).only("pk", "name")
    }


for field in ("staff_id", "assignee_id", "deputy_id", "owner_id"):
    register_subject(field, colleagues_named)
