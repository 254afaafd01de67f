"""REST of the early warning."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.base.jobs import enqueue
from bihuan.foresee.warning import actions
from bihuan.foresee.warning.models import Band, Horizon, Risk, RiskModel
from bihuan.foresee.warning.queries import (
    changes_in_words,
    notes_in_words,
    risk_of,
    risk_reasons_in_words,
    risks_now,
    settings_now,
    verdict,
    verdict_in_words,
)
from bihuan.know.accounts.queries import visible_account

router = Router(tags=["Early warning"])


class RiskOut(Schema):
    """The risk of an account that pays: `probability` of being lost within the horizon, its place among all, the line it lies
    at, and in words why and what would change it."""

    account_id: int
    day: date
    model: int
    probability: float
    place: int
    band: str
    reasons: list[str]
    changes: list[str]

    @staticmethod
    def resolve_model(row: Risk) -> int:
        """The model's number."""
        return row.model.number

    @staticmethod
    def resolve_place(row: Risk) -> int:
        """1 is the highest risk."""
        return row.rank

    @staticmethod
    def resolve_reasons(row: Risk) -> list[str]:
        """In words."""
        return risk_reasons_in_words(row)

    @staticmethod
    def resolve_changes(row: Risk) -> list[str]:
        """In words."""
        return changes_in_words(row)


class AccountRiskOut(Schema):
    """An account's risk. With `source` health there is too little signal: no probability, `health` ranks instead."""

    account_id: int
    source: str
    probability: float | None
    place: int | None
    band: str
    health: float | None
    day: date | None
    reasons: list[str]
    changes: list[str]


class VerdictOut(Schema):
    """How far the early warning can be believed; `source` says where ranks come from."""

    code: str
    source: str
    said: str
    model: int | None


class RiskModelOut(Schema):
    """A training: where it stands and why, what its backtest found, what it was learnt from."""

    number: int
    standing: str
    verdict: str
    kind: str
    horizon: int
    as_of: date
    why: str
    trained_at: datetime
    trained_by: str
    backtest: dict[str, Any]
    card: dict[str, Any]

    @staticmethod
    def resolve_why(row: RiskModel) -> str:
        """In words."""
        return notes_in_words(row.note)


class WarningSettingsOut(Schema):
    """What is warned of, and how many customers can be helped a week."""

    capacity: int
    horizon: int
    contraction: int


class WarningSettingsIn(Schema):
    """What to warn of; a training is queued."""

    capacity: int = Field(..., ge=1, le=1000, examples=[5])
    horizon: Horizon = Field(..., examples=[90])
    contraction: int = Field(..., ge=5, le=100, examples=[30])


class TrainingOut(Schema):
    """The job that trains."""

    job: int


@router.get("/warning", auth=Allow("warning.view"), response=list[RiskOut], summary="List risks")
@paginate
def list_risks(request: HttpRequest, band: Band | None = None, at_least: float | None = None) -> Any:
    """Of the last scored day within the territory, the highest first; none while health stands in (see the verdict)."""
    rows = risks_now(actor_of(request))
    if band is not None:
        rows = rows.filter(band=band)
    return rows if at_least is None else rows.filter(probability__gte=at_least)


@router.get("/warning/verdict", auth=Allow("warning.view"), response=VerdictOut, summary="Read the verdict")
def read_verdict(request: HttpRequest) -> Any:
    """In words, with the source of ranks."""
    now = verdict()
    return {"code": now.code, "source": now.source, "said": verdict_in_words(now.model),
            "model": now.model.number if now.model else None}  # fmt: skip


@router.get(
    "/accounts/{int:pk}/risk", auth=Allow("warning.view"), response=AccountRiskOut, summary="Read a risk"
)
def read_risk(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory, and for one that has neither a risk nor a health."""
    account = visible_account(pk=pk, actor=actor_of(request))
    one = risk_of([account.pk]).get(account.pk)
    if one is None:
        raise HttpError(404, "This account has neither a risk nor a health yet.")
    return {
        "account_id": one.account_id, "source": one.source, "probability": one.probability, "place": one.rank, "band": one.band,
        "health": one.health, "day": one.day, "reasons": list(one.reasons), "changes": list(one.changes),
    }  # fmt: skip


@router.get(
    "/warning/models",
    auth=Allow("warning.view"),
    response=list[RiskModelOut],
    summary="List models of the warning",
)
@paginate
def list_risk_models(request: HttpRequest) -> Any:
    """The newest first, each with its backtest and its card."""
    return RiskModel.objects.defer("document")


@router.get("/warning/models/{int:pk}", auth=Allow("warning.view"), response=RiskModelOut,
            summary="Read a model of the warning")  # fmt: skip
def read_risk_model(request: HttpRequest, pk: int) -> Any:
    """With its backtest and its card."""
    return get_object_or_404(RiskModel, number=pk)


@router.post(
    "/warning/models", auth=Allow("warning.manage"), response={202: TrainingOut}, summary="Train the warning"
)
def start_training(request: HttpRequest) -> Any:
    """In the background; one that waits already is that one."""
    row = enqueue("warning.train", by=actor_of(request), at=timezone.now(), unique_key="warning.train.now")
    return 202, {"job": row.pk}


@router.post("/warning/models/{int:pk}/in-force", auth=Allow("warning.manage"), response=RiskModelOut,
             summary="Put a model of the warning in force")  # fmt: skip
def put_risk_model_in_force(request: HttpRequest, pk: int) -> Any:
    """Newer or older; 422 unless its verdict is usable."""
    return actions.put_in_force(
        model=get_object_or_404(RiskModel, number=pk), by=actor_of(request), at=timezone.now()
    )


@router.post("/warning/models/{int:pk}/decline", auth=Allow("warning.manage"), response=RiskModelOut,
             summary="Decline a challenger")  # fmt: skip
def decline_risk_model(request: HttpRequest, pk: int) -> Any:
    """The model in force stays; 422 when it is no challenger."""
    return actions.keep_champion(
        model=get_object_or_404(RiskModel, number=pk), by=actor_of(request), at=timezone.now()
    )


@router.get(
    "/warning/settings",
    auth=Allow("warning.view"),
    response=WarningSettingsOut,
    summary="Read the settings of the warning",
)
def read_warning_settings(request: HttpRequest) -> Any:
    """As set, else as shipped."""
    return settings_now()


@router.put("/warning/settings", auth=Allow("warning.manage"), response=WarningSettingsOut,
            summary="Change the settings of the warning")  # fmt: skip
def put_warning_settings(request: HttpRequest, body: WarningSettingsIn) -> Any:
    """A training is queued."""
    return actions.change_settings(by=actor_of(request), at=timezone.now(), **body.dict())
