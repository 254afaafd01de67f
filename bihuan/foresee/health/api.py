"""REST of health."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.foresee.health.actions import end_override, override_health, save_model
from bihuan.foresee.health.actions.models import ensure_model
from bihuan.foresee.health.models import HealthModel
from bihuan.foresee.health.queries import current_health, history_of, lines_of
from bihuan.know.accounts.queries import visible_account

router = Router(tags=["Health"])


class LineOut(Schema):
    """A measure's part in a score."""

    measure: str
    value: float | None
    points: float | None
    weight: float
    lost: float
    moved: float | None


class HealthOut(Schema):
    """The health of an account with its explanation."""

    account_id: int
    day: date
    version: int
    health: float | None
    computed: float | None
    band: str
    coverage: float
    floor: str
    change_30d: float | None
    lines: list[LineOut]
    history: list[tuple[date, float | None, str, int]]


class ModelOut(Schema):
    """A version of the model."""

    version: int
    note: str
    document: dict[str, Any]


class ModelIn(Schema):
    """A model document to put in force."""

    document: dict[str, Any]
    note: str = Field("", max_length=200)


class OverrideIn(Schema):
    """A judgement in place of the score."""

    score: int = Field(..., ge=0, le=100)
    reason: str = Field(..., min_length=1, max_length=300)
    expires_on: date


@router.get(
    "/accounts/{int:pk}/health", auth=Allow("health.view"), response=HealthOut, summary="Read a health"
)
def read_health(request: HttpRequest, pk: int, as_of: date | None = None, since: date | None = None) -> Any:
    """As of a day; 404 outside the territory or before the first score."""
    account = visible_account(pk=pk, actor=actor_of(request))
    health = current_health(account_ids=[account.pk], on=as_of).get(account.pk)
    if health is None:
        raise HttpError(404, "This account is not scored yet.")
    return {
        "account_id": account.pk, "day": health.day, "version": health.version, "health": health.score,
        "computed": health.computed, "band": health.band, "coverage": health.coverage, "floor": health.floor,
        "change_30d": health.delta, "lines": lines_of(health),
        "history": history_of(account_id=account.pk, since=since or health.day.replace(day=1)),
    }  # fmt: skip


@router.post("/accounts/{int:pk}/health/override", auth=Allow("health.override"), response={204: None},
             summary="Override a health")  # fmt: skip
def put_override(request: HttpRequest, pk: int, body: OverrideIn) -> Any:
    """The computed score stays visible."""
    actor, now = actor_of(request), timezone.now()
    account = visible_account(pk=pk, actor=actor)
    override_health(account=account, today=timezone.localdate(now), by=actor, at=now, **body.dict())
    return 204, None


@router.delete("/accounts/{int:pk}/health/override", auth=Allow("health.override"), response={204: None},
               summary="End the override")  # fmt: skip
def drop_override(request: HttpRequest, pk: int) -> Any:
    """The computed score counts again; without an override nothing changes."""
    actor = actor_of(request)
    end_override(account=visible_account(pk=pk, actor=actor), by=actor, at=timezone.now())
    return 204, None


@router.get("/health/model", auth=Allow("health.view"), response=ModelOut, summary="Read the model in force")
def read_model(request: HttpRequest) -> Any:
    """The document as the UI edits it."""
    return ensure_model(at=timezone.now())


@router.put("/health/model", auth=Allow("health.edit"), response=ModelOut, summary="Put a model in force")
def put_model(request: HttpRequest, body: ModelIn) -> Any:
    """422 names every place and problem."""
    try:
        return save_model(document=body.document, note=body.note, by=actor_of(request), at=timezone.now())
    except ValidationError as error:
        raise HttpError(422, " · ".join(error.messages)) from None


@router.get(
    "/health/models", auth=Allow("health.view"), response=list[ModelOut], summary="List versions of the model"
)
@paginate
def list_models(request: HttpRequest) -> Any:
    """The newest first; put one in force again with its document."""
    return HealthModel.objects.order_by("-version")
