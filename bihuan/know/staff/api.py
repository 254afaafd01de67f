"""REST of staff."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow
from bihuan.know.staff.models import Staff

router = Router(tags=["Staff"])


class StaffOut(Schema):
    """A member of staff."""

    id: int
    key: str | None
    name: str
    title: str
    roles: list[str]
    reach: str
    is_active: bool


@router.get("/staff", auth=Allow("staff.view"), response=list[StaffOut], summary="List staff")
@paginate
def list_staff(request: HttpRequest) -> Any:
    """Everyone by name."""
    return Staff.objects.all()
