"""REST of segments: the same document as questions and pages."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.know.accounts.models import Account, Person
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.segments import actions
from bihuan.understand.segments.models import Segment, Unit
from bihuan.understand.segments.queries import members

router = Router(tags=["Segments"])
KEY = r"^[a-z0-9][a-z0-9-]*$"


class SegmentIn(Schema):
    """A live segment to describe."""

    key: str = Field(..., min_length=1, max_length=60, pattern=KEY)
    title: str = Field(..., min_length=1, max_length=120)
    unit: Unit = Unit.ACCOUNT
    rule: str = Field(
        ..., min_length=1, max_length=2000, examples=['account.tier == "S" && behaviour.exports >= 3']
    )
    behaviour: dict[str, dict[str, Any]] = Field(
        {},
        max_length=10,
        examples=[{"exports": {"event": "report_exported", "last": "28d", "count": "events"}}],
    )
    description: str = Field("", max_length=2000)


class SegmentPatch(Schema):
    """What to change; a static one has no rule."""

    title: str | None = Field(None, min_length=1, max_length=120)
    unit: Unit | None = None
    rule: str | None = Field(None, min_length=1, max_length=2000)
    behaviour: dict[str, dict[str, Any]] | None = Field(None, max_length=10)
    description: str | None = Field(None, max_length=2000)


class ListIn(Schema):
    """A static segment: of these ids, or of who is in another one today."""

    key: str = Field(..., min_length=1, max_length=60, pattern=KEY)
    title: str = Field(..., min_length=1, max_length=120)
    unit: Unit = Unit.ACCOUNT
    members: list[int] = Field([], max_length=100_000)
    description: str = Field("", max_length=2000)


class FreezeIn(Schema):
    """What the list is called."""

    key: str = Field(..., min_length=1, max_length=60, pattern=KEY)
    title: str = Field(..., min_length=1, max_length=120)


class SegmentOut(Schema):
    """A segment; ask `kind: segment` for its size."""

    id: int
    key: str
    title: str
    unit: str
    mode: str
    rule: str
    behaviour: dict[str, Any]
    description: str
    frozen_on: date | None


class MemberOut(Schema):
    """An account or a person."""

    id: int
    key: str | None
    name: str


def segment_of(key: str) -> Segment:
    """The segment, or 404."""
    found: Segment = get_object_or_404(Segment, key=key)
    return found


@router.get("/segments", auth=Allow("segments.view"), response=list[SegmentOut], summary="List segments")
@paginate
def list_segments(request: HttpRequest) -> Any:
    """By title."""
    return Segment.objects.all()


@router.post(
    "/segments", auth=Allow("segments.edit"), response={201: SegmentOut}, summary="Describe a segment"
)
def create_segment(request: HttpRequest, body: SegmentIn) -> Any:
    """422 names what is wrong with the rule or the behaviour."""
    return 201, actions.add_segment(**body.dict(), by=actor_of(request), at=timezone.now())


@router.post(
    "/segments/lists", auth=Allow("segments.edit"), response={201: SegmentOut}, summary="Keep a list"
)
def create_list(request: HttpRequest, body: ListIn) -> Any:
    """Ids outside the territory are left out."""
    fields = body.dict(exclude={"members"})
    return 201, actions.keep_list(ids=body.members, by=actor_of(request), at=timezone.now(), **fields)


@router.get("/segments/{key}", auth=Allow("segments.view"), response=SegmentOut, summary="Read a segment")
def read_segment(request: HttpRequest, key: str) -> Any:
    """As it is described."""
    return segment_of(key)


@router.patch("/segments/{key}", auth=Allow("segments.edit"), response=SegmentOut, summary="Change a segment")
def update_segment(request: HttpRequest, key: str, body: SegmentPatch) -> Any:
    """Fields that are not given stay."""
    fields = {name: value for name, value in body.dict(exclude_unset=True).items() if value is not None}
    return actions.change_segment(segment=segment_of(key), by=actor_of(request), at=timezone.now(), **fields)


@router.delete(
    "/segments/{key}", auth=Allow("segments.edit"), response={204: None}, summary="Remove a segment"
)
def delete_segment(request: HttpRequest, key: str) -> Any:
    """Questions that name it are refused from now on."""
    actions.remove_segment(segment=segment_of(key), by=actor_of(request), at=timezone.now())
    return 204, None


@router.get(
    "/segments/{key}/members", auth=Allow("segments.view"), response=list[MemberOut], summary="List members"
)
@paginate
def list_members(request: HttpRequest, key: str, as_of: date | None = None) -> Any:
    """Those of the territory as of a day (today), by id."""
    actor, segment = actor_of(request), segment_of(key)
    try:
        found = members(segment=segment, actor=actor, as_of=as_of or timezone.localdate())
    except (QuestionError, OverflowError) as error:
        raise HttpError(422, str(error)) from None
    objects: Any = Account.objects if found.unit == "account" else Person.objects
    return Named(ids=found.ids.tolist(), objects=objects)


class Named(list[Any]):
    """Ids as records with names, read for the page that is shown only."""

    def __init__(self, *, ids: list[int], objects: Any) -> None:
        super().__init__(ids)
        self.objects = objects

    def __getitem__(self, part: Any) -> Any:
        rows = self.objects.in_bulk(super().__getitem__(part))
        return [{"id": pk, "key": rows[pk].key, "name": str(rows[pk])} for pk in sorted(rows)]


@router.post(
    "/segments/{key}/freeze",
    auth=Allow("segments.edit"),
    response={201: SegmentOut},
    summary="Write members down",
)
def freeze(request: HttpRequest, key: str, body: FreezeIn) -> Any:
    """Who of the territory is in today, as a static segment."""
    return 201, actions.freeze_segment(
        segment=segment_of(key), **body.dict(), by=actor_of(request), at=timezone.now()
    )
