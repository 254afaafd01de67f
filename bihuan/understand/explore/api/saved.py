"""REST: saved questions and dashboards. One's own are changed here, shared ones read."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Actor, Allow, actor_of
from bihuan.understand.explore import actions
from bihuan.understand.explore.models import Dashboard, SavedQuestion, Tile

router = Router(tags=["Saved questions"])
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]


class QuestionIn(Schema):
    """A question to keep: `text` is YAML or JSON, as in docs/how-to/ask.md. Sharing needs `explore.share`."""

    title: str = Field(..., min_length=1, max_length=120, examples=["Active people by week"])
    text: str = Field(..., max_length=20_000, examples=["kind: trend\nmeasure: people\nevery: week\n"])
    shared: bool = False


class QuestionPatch(Schema):
    """What to change; fields that are absent stay."""

    title: str | None = Field(None, min_length=1, max_length=120)
    text: str | None = Field(None, max_length=20_000)
    shared: bool | None = None


class QuestionOut(Schema):
    """A saved question."""

    id: int
    title: str
    kind: str
    text: str
    owner_id: int
    shared: bool
    changed_at: datetime


class TileIn(Schema):
    """A question on a dashboard; `width` is 2, 3 or 6 of six columns."""

    question_id: Key
    width: Literal[2, 3, 6] = 3


class DashboardIn(Schema):
    """A dashboard as it is to be: `last_days` and `segment` stand in place of those of the tiles."""

    title: str = Field(..., min_length=1, max_length=120, examples=["Onboarding"])
    shared: bool = False
    last_days: int | None = Field(None, ge=1, le=3_660)
    segment: str = Field("", max_length=2_000, examples=["account.tier == 'S'"])
    tiles: list[TileIn] = Field([], max_length=actions.MOST_TILES)


class TileOut(Schema):
    """A tile in its place."""

    id: int
    question_id: int
    width: int


class DashboardOut(Schema):
    """A dashboard with its tiles in order."""

    id: int
    title: str
    owner_id: int
    shared: bool
    last_days: int | None
    segment: str
    changed_at: datetime
    tiles: list[TileOut]

    @staticmethod
    def resolve_tiles(row: Dashboard) -> list[Tile]:
        """Those whose question was not removed."""
        return list(row.tiles.filter(question__removed_at=None))


def _refused(error: PermissionDenied) -> HttpError:
    return HttpError(
        403, f"This needs the permission {error.args[0]!r}, and what is kept is changed by its owner."
    )


@router.get(
    "/saved-questions", auth=Allow("explore.view"), response=list[QuestionOut], summary="List saved questions"
)
@paginate
def list_saved_questions(request: HttpRequest) -> Any:
    """One's own and those that colleagues share."""
    return SavedQuestion.objects.readable_by(actor_of(request))


@router.post(
    "/saved-questions", auth=Allow("explore.save"), response={201: QuestionOut}, summary="Save a question"
)
def create_saved_question(request: HttpRequest, body: QuestionIn) -> Any:
    """Keep a question."""
    try:
        return 201, actions.save_question(by=actor_of(request), at=timezone.now(), **body.dict())
    except PermissionDenied as error:
        raise _refused(error) from None


@router.get(
    "/saved-questions/{int:pk}",
    auth=Allow("explore.view"),
    response=QuestionOut,
    summary="Read a saved question",
)
def read_saved_question(request: HttpRequest, pk: int) -> Any:
    """One of them."""
    return get_object_or_404(SavedQuestion.objects.readable_by(actor_of(request)), pk=pk)


@router.patch(
    "/saved-questions/{int:pk}",
    auth=Allow("explore.save"),
    response=QuestionOut,
    summary="Change a saved question",
)
def update_saved_question(request: HttpRequest, pk: int, body: QuestionPatch) -> Any:
    """Change one's own."""
    by = actor_of(request)
    row = get_object_or_404(SavedQuestion.objects.owned_by(by), pk=pk)
    try:
        return actions.change_question(question=row, by=by, at=timezone.now(), **body.dict())
    except PermissionDenied as error:
        raise _refused(error) from None


@router.delete(
    "/saved-questions/{int:pk}",
    auth=Allow("explore.save"),
    response={204: None},
    summary="Remove a saved question",
)
def remove_saved_question(request: HttpRequest, pk: int) -> Any:
    """Remove one's own."""
    by = actor_of(request)
    row = get_object_or_404(SavedQuestion.objects.owned_by(by), pk=pk)
    actions.remove(row=row, by=by, at=timezone.now())
    return 204, None


@router.get("/dashboards", auth=Allow("explore.view"), response=list[DashboardOut], summary="List dashboards")
@paginate
def list_dashboards(request: HttpRequest) -> Any:
    """One's own and those that colleagues share."""
    return Dashboard.objects.readable_by(actor_of(request))


@router.post(
    "/dashboards", auth=Allow("explore.save"), response={201: DashboardOut}, summary="Make a dashboard"
)
def create_dashboard(request: HttpRequest, body: DashboardIn) -> Any:
    """Make one with its tiles."""
    return 201, _saved(body, None, by=actor_of(request))


@router.get(
    "/dashboards/{int:pk}", auth=Allow("explore.view"), response=DashboardOut, summary="Read a dashboard"
)
def read_dashboard(request: HttpRequest, pk: int) -> Any:
    """One of them."""
    return get_object_or_404(Dashboard.objects.readable_by(actor_of(request)), pk=pk)


@router.put(
    "/dashboards/{int:pk}", auth=Allow("explore.save"), response=DashboardOut, summary="Replace a dashboard"
)
def put_dashboard(request: HttpRequest, pk: int, body: DashboardIn) -> Any:
    """Replace all of one's own."""
    by = actor_of(request)
    return _saved(body, get_object_or_404(Dashboard.objects.owned_by(by), pk=pk), by=by)


def _saved(body: DashboardIn, row: Dashboard | None, *, by: Actor) -> Dashboard:
    said = body.dict(exclude={"tiles"})
    wanted = {one.question_id for one in body.tiles}
    found = SavedQuestion.objects.readable_by(by).in_bulk(wanted)
    if missing := sorted(wanted - set(found)):
        raise HttpError(422, f"There is no saved question {missing[0]}.")
    tiles = [(found[one.question_id], one.width) for one in body.tiles]
    try:
        with transaction.atomic():
            return actions.save_dashboard(dashboard=row, tiles=tiles, by=by, at=timezone.now(), **said)
    except PermissionDenied as error:
        raise _refused(error) from None


@router.delete(
    "/dashboards/{int:pk}", auth=Allow("explore.save"), response={204: None}, summary="Remove a dashboard"
)
def remove_dashboard(request: HttpRequest, pk: int) -> Any:
    """Remove one's own."""
    by = actor_of(request)
    row = get_object_or_404(Dashboard.objects.owned_by(by), pk=pk)
    actions.remove(row=row, by=by, at=timezone.now())
    return 204, None
