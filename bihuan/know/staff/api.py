"""REST of staff, regions and teams."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.know.staff import actions
from bihuan.know.staff.models import Region, Staff, Team

router = Router(tags=["Staff"])


class StaffIn(Schema):
    """A colleague to add; they sign in first with a one-time link."""

    name: str = Field(..., min_length=1, max_length=80, examples=["林经理"])
    username: str = Field(..., min_length=1, max_length=60, examples=["lin"])
    email: str = Field("", max_length=200)
    title: str = Field("", max_length=80)
    roles: list[str] = Field(..., min_length=1, max_length=20, examples=[["sales"]])
    reach: str = Field("own", examples=["region"])
    team_code: str | None = Field(None, max_length=60)
    region_codes: list[str] = Field([], max_length=500)


class StaffPatch(Schema):
    """What to change; fields that are absent stay."""

    name: str | None = Field(None, min_length=1, max_length=80)
    email: str | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=80)
    roles: list[str] | None = Field(None, min_length=1, max_length=20)
    reach: str | None = Field(None, max_length=8)
    team_code: str | None = Field(None, max_length=60)
    region_codes: list[str] | None = Field(None, max_length=500)
    is_active: bool | None = None


class StaffOut(Schema):
    """A member of staff."""

    id: int
    key: str | None
    name: str
    title: str
    roles: list[str]
    reach: str
    is_active: bool


class RegionIn(Schema):
    """A region, below `parent_code` if given."""

    code: str = Field(..., min_length=1, max_length=40, examples=["hn"])
    name: str = Field(..., min_length=1, max_length=80, examples=["华南"])
    parent_code: str | None = Field(None, max_length=40)


class RegionPatch(Schema):
    """What to change; `parent_code: null` makes it a region of its own."""

    name: str | None = Field(None, min_length=1, max_length=80)
    parent_code: str | None = Field(None, max_length=40)


class RegionOut(Schema):
    """A region."""

    id: int
    code: str
    name: str
    parent_id: int | None


class TeamIn(Schema):
    """A team."""

    code: str = Field(..., min_length=1, max_length=60, examples=["ka"])
    name: str = Field(..., min_length=1, max_length=80, examples=["大客户组"])


class TeamPatch(Schema):
    """Its new name."""

    name: str = Field(..., min_length=1, max_length=80)


class TeamOut(Schema):
    """A team."""

    id: int
    code: str
    name: str


@router.get("/staff", auth=Allow("staff.view"), response=list[StaffOut], summary="List staff")
@paginate
def list_staff(request: HttpRequest) -> Any:
    """Everyone by name."""
    return Staff.objects.all()


@router.post("/staff", auth=Allow("staff.edit"), response={201: StaffOut}, summary="Add a colleague")
def create_staff(request: HttpRequest, body: StaffIn) -> Any:
    """They have no password: give them a one-time sign-in on their page or with `bihuan user link`."""
    fields = _with_records(body.dict())
    return 201, actions.add_staff(by=actor_of(request), at=timezone.now(), **fields)


@router.patch("/staff/{int:pk}", auth=Allow("staff.edit"), response=StaffOut, summary="Change a colleague")
def update_staff(request: HttpRequest, pk: int, body: StaffPatch) -> Any:
    """Only the fields that the body has; the last administrator stays one."""
    fields = _with_records(
        {k: v for k, v in body.dict(exclude_unset=True).items() if v is not None or k == "team_code"}
    )
    staff = get_object_or_404(Staff, pk=pk)
    return actions.change_staff(staff=staff, by=actor_of(request), at=timezone.now(), **fields)


@router.get("/regions", auth=Allow("staff.view"), response=list[RegionOut], summary="List regions")
@paginate
def list_regions(request: HttpRequest) -> Any:
    """All of them by name."""
    return Region.objects.all()


@router.post("/regions", auth=Allow("staff.edit"), response={201: RegionOut}, summary="Add a region")
def create_region(request: HttpRequest, body: RegionIn) -> Any:
    """422 names the field that is wrong."""
    return 201, actions.add_region(name=body.name, code=body.code, parent=_region(body.parent_code),
                                   by=actor_of(request), at=timezone.now())  # fmt: skip


@router.patch("/regions/{int:pk}", auth=Allow("staff.edit"), response=RegionOut, summary="Change a region")
def update_region(request: HttpRequest, pk: int, body: RegionPatch) -> Any:
    """Only the fields that the body has."""
    region = get_object_or_404(Region.objects.select_related("parent"), pk=pk)
    asked = body.dict(exclude_unset=True)
    parent = _region(asked["parent_code"]) if "parent_code" in asked else region.parent
    return actions.change_region(region=region, name=asked.get("name") or region.name, parent=parent,
                                 by=actor_of(request), at=timezone.now())  # fmt: skip


@router.get("/teams", auth=Allow("staff.view"), response=list[TeamOut], summary="List teams")
@paginate
def list_teams(request: HttpRequest) -> Any:
    """All of them by name."""
    return Team.objects.all()


@router.post("/teams", auth=Allow("staff.edit"), response={201: TeamOut}, summary="Add a team")
def create_team(request: HttpRequest, body: TeamIn) -> Any:
    """422 names the field that is wrong."""
    return 201, actions.add_team(by=actor_of(request), at=timezone.now(), **body.dict())


@router.patch("/teams/{int:pk}", auth=Allow("staff.edit"), response=TeamOut, summary="Rename a team")
def update_team(request: HttpRequest, pk: int, body: TeamPatch) -> Any:
    """Its code stays."""
    team = get_object_or_404(Team, pk=pk)
    return actions.rename_team(team=team, name=body.name, by=actor_of(request), at=timezone.now())


def _region(code: str | None) -> Region | None:
    return _by_code(Region, "parent_code", [code])[0] if code else None


def _with_records(fields: dict[str, Any]) -> dict[str, Any]:
    """Codes become the records that the actions take."""
    if "team_code" in fields:
        code = fields.pop("team_code")
        fields["team_id"] = _by_code(Team, "team_code", [code])[0].pk if code else None
    if "region_codes" in fields:
        fields["regions"] = _by_code(Region, "region_codes", fields.pop("region_codes"))
    return fields


def _by_code(model: Any, field: str, codes: list[str]) -> list[Any]:
    """The records in the order asked; ValidationError names the first code that is not stored."""
    found = {row.code: row for row in model.objects.filter(code__in=codes)}
    missing = next((code for code in codes if code not in found), None)
    if missing is not None:
        raise ValidationError(
            {field: _("Nothing with the code %(code)s is stored.") % {"code": repr(missing)}}
        )
    return [found[code] for code in codes]
