"""REST of experiments; `…/assignment` is what a product asks."""

from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Path, Query, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.know.products.models import Product
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.experiments import actions
from bihuan.understand.experiments.models import Experiment, Method, State, Unit
from bihuan.understand.experiments.queries import (
    EXPOSED,
    Plan,
    assignment_of,
    effort_of,
    find,
    headline,
    question_of,
    reasons,
)

router = Router(tags=["Experiments"])
Key = Annotated[
    str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["new-form"])
]


class VariantIn(Schema):
    """A variant with its weight; the first is the control."""

    name: str = Field(..., min_length=1, max_length=60, examples=["control"])
    weight: int = Field(1, ge=1, le=1_000_000)


METRICS = Field(
    ..., min_length=1, max_length=20, examples=[[{"name": "subscribed", "kind": "conversion", "event": "subscribe"}]],
    description="As in the question `kind: experiment`; the first is the primary one.",
)  # fmt: skip


class ExperimentIn(Schema):
    """An experiment to draft."""

    key: str = Field(
        ..., min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["new-form"]
    )
    name: str = Field(..., min_length=1, max_length=120)
    hypothesis: str = Field("", max_length=10_000)
    product_id: int | None = Field(None, ge=1, le=2**63 - 1)
    unit: Unit = Unit.ACCOUNT
    variants: list[VariantIn] = Field(..., min_length=2, max_length=10)
    metrics: list[dict[str, Any]] = METRICS
    method: Method = Method.FIXED
    planned: int = Field(10_000, ge=20, le=10**9)
    cuped_days: int | None = Field(None, ge=1, le=365)
    matters: float | None = Field(None, gt=0, le=1e12)


class ExperimentPatch(Schema):
    """What to change; only the words of one that was started."""

    name: str | None = Field(None, min_length=1, max_length=120)
    hypothesis: str | None = Field(None, max_length=10_000)
    variants: list[VariantIn] | None = Field(None, min_length=2, max_length=10)
    metrics: list[dict[str, Any]] | None = Field(None, min_length=1, max_length=20)
    method: Method | None = None
    planned: int | None = Field(None, ge=20, le=10**9)
    cuped_days: int | None = Field(None, ge=1, le=365)
    matters: float | None = Field(None, gt=0, le=1e12)


class StopIn(Schema):
    """What everybody gets from now on; empty is the control."""

    chosen: str = Field("", max_length=60)


class ExperimentOut(Schema):
    """An experiment."""

    id: int
    key: str
    name: str
    hypothesis: str
    product_id: int | None
    unit: str
    variants: list[dict[str, Any]]
    metrics: list[dict[str, Any]]
    method: str
    planned: int
    cuped_days: int | None
    matters: float | None
    state: str
    started_at: datetime | None
    stopped_at: datetime | None
    chosen: str
    created_at: datetime


class VariantOut(Schema):
    """How many units saw a variant, and how many should have by the weights."""

    name: str
    weight: int
    units: int
    expected: float


class AdviceOut(Schema):
    """What to do about an experiment. `action`: repair, ship, stop or wait; `why`: sample_ratio, planned, too_few, guard_rail,
    worse, better, too_small_to_matter, undecided or none_better; `more`: units to wait for; `would_take`: units in all that the
    effect that matters would take; `days_more`: at the pace so far. `headline` and `reasons` say it in words."""

    action: str
    why: str
    variant: str
    more: int | None
    would_take: int | None
    days_more: int | None
    headline: str
    reasons: list[str]
    variants: list[VariantOut]
    sample_ratio_p: float
    sample_ratio_flagged: bool
    seen_in_several: int


class EffortIn(Schema):
    """What is planned. `base`: what the metric is today, left out to measure a conversion in the last 28 days."""

    unit: Unit = Unit.ACCOUNT
    weights: list[Annotated[int, Field(ge=1, le=1_000_000)]] = Field([1, 1], min_length=2, max_length=10)
    effect: float = Field(
        ..., ge=-1e12, le=1e12, description="Absolute: 0.02 of a share is 2 points.", examples=[0.02]
    )
    share: bool = Field(True, description="The metric is a share of units; else a mean with `spread`.")
    base: float | None = Field(None, ge=-1e12, le=1e12, examples=[0.12])
    spread: float | None = Field(
        None, gt=0, le=1e12, description="Standard deviation between units, of a mean."
    )
    metric: dict[str, Any] | None = Field(None, examples=[{"event": "subscribe", "within": "14d"}])
    arrival: str = Field("", max_length=200, description="The event at which they would see a variant.")
    by_person: bool = Field(False, description="Accounts are assigned and people measured.")
    sequential: bool = False
    power: float = Field(0.8, ge=0.5, le=0.99)


class EffortOut(Schema):
    """Units of each variant, the control first; `days` until they have come, null when too few come to tell. `arrivals`: days,
    and how many different units came in them."""

    units: list[int]
    total: int
    days: int | None
    base: float
    measured: bool
    arrivals: list[list[int]]


class AssignmentOut(Schema):
    """Show this variant; while `running`, tell it with the event `event` and the properties `experiment` and `variant`."""

    experiment: str
    unit: str
    variant: str
    running: bool
    event: str


@router.get(
    "/experiments", auth=Allow("experiments.view"), response=list[ExperimentOut], summary="List experiments"
)
@paginate
def list_experiments(request: HttpRequest) -> Any:
    """The newest first."""
    return Experiment.objects.all()


@router.post(
    "/experiments",
    auth=Allow("experiments.edit"),
    response={201: ExperimentOut},
    summary="Draft an experiment",
)
def create_experiment(request: HttpRequest, body: ExperimentIn) -> Any:
    """422 names the field that is wrong."""
    fields = body.dict(exclude={"product_id"})
    product = None if body.product_id is None else get_object_or_404(Product, pk=body.product_id)
    return 201, actions.add_experiment(product=product, by=actor_of(request), at=timezone.now(), **fields)


@router.get(
    "/experiments/{key}", auth=Allow("experiments.view"), response=ExperimentOut, summary="Read an experiment"
)
def read_experiment(request: HttpRequest, key: Path[Key]) -> Any:
    """By its key."""
    return get_object_or_404(Experiment, key=key)


@router.patch(
    "/experiments/{key}",
    auth=Allow("experiments.edit"),
    response=ExperimentOut,
    summary="Change an experiment",
)
def update_experiment(request: HttpRequest, body: ExperimentPatch, key: Path[Key]) -> Any:
    """Fields that are left out stay; null takes `cuped_days` and `matters` away. 422 for the plan of a started one."""
    row = get_object_or_404(Experiment, key=key)
    empty = ("cuped_days", "matters")
    fields = {
        name: value
        for name, value in body.dict(exclude_unset=True).items()
        if value is not None or name in empty
    }
    return actions.change_experiment(experiment=row, by=actor_of(request), at=timezone.now(), **fields)


@router.post(
    "/experiments/{key}/start",
    auth=Allow("experiments.edit"),
    response=ExperimentOut,
    summary="Start an experiment",
)
def begin_experiment(request: HttpRequest, key: Path[Key]) -> Any:
    """422 unless it is a draft."""
    row = get_object_or_404(Experiment, key=key)
    return actions.start_experiment(experiment=row, by=actor_of(request), at=timezone.now())


@router.post(
    "/experiments/{key}/stop",
    auth=Allow("experiments.edit"),
    response=ExperimentOut,
    summary="Stop an experiment",
)
def end_experiment(request: HttpRequest, body: StopIn, key: Path[Key]) -> Any:
    """422 unless it runs and has the chosen variant."""
    row = get_object_or_404(Experiment, key=key)
    return actions.stop_experiment(
        experiment=row, by=actor_of(request), at=timezone.now(), chosen=body.chosen
    )


@router.post(
    "/experiments/{key}/withdraw",
    auth=Allow("experiments.edit"),
    response=ExperimentOut,
    summary="Make a started experiment a draft again",
)
def withdraw_experiment(request: HttpRequest, key: Path[Key]) -> Any:
    """422 unless it runs and nobody has seen a variant."""
    row = get_object_or_404(Experiment, key=key)
    return actions.withdraw_experiment(experiment=row, by=actor_of(request), at=timezone.now())


@router.post(
    "/experiments/{key}/resume",
    auth=Allow("experiments.edit"),
    response=ExperimentOut,
    summary="Run a stopped experiment on",
)
def resume_experiment(request: HttpRequest, key: Path[Key]) -> Any:
    """422 unless it is stopped."""
    row = get_object_or_404(Experiment, key=key)
    return actions.resume_experiment(experiment=row, by=actor_of(request), at=timezone.now())


@router.get(
    "/experiments/{key}/advice", auth=Allow("experiments.view"), response=AdviceOut,
    summary="Read what to do about an experiment",
)  # fmt: skip
def read_experiment_advice(request: HttpRequest, key: Path[Key]) -> Any:
    """Within the territory; 422 for a draft, of which there is nothing to say."""
    row = get_object_or_404(Experiment, key=key)
    if row.state == State.DRAFT:
        raise ValidationError({"state": _("It has not begun; there is nothing to say about it yet.")})
    try:
        found = find(row, actor=actor_of(request), at=timezone.now())
    except QuestionError as error:
        raise ValidationError({error.field: error.message}) from None
    return {
        **found.advice.__dict__, "days_more": found.days_more, "headline": headline(row, found),
        "reasons": reasons(row, found), "variants": found.variants, "sample_ratio_p": found.ratio_p,
        "sample_ratio_flagged": found.ratio_flagged, "seen_in_several": found.doubled,
    }  # fmt: skip


@router.post(
    "/experiment-effort", auth=Allow("experiments.edit"), response=EffortOut,
    summary="Reckon how many units an experiment needs",
)  # fmt: skip
def reckon_effort(request: HttpRequest, body: EffortIn) -> Any:
    """Nothing is stored. Traffic and a conversion's share today are counted within the territory; 422 names what is missing."""
    fields = body.dict()
    plan = Plan(**{**fields, "weights": tuple(fields["weights"])})
    try:
        found = effort_of(plan, actor=actor_of(request), at=timezone.now())
    except QuestionError as error:
        raise ValidationError({error.field: error.message}) from None
    return {
        "units": found.needed.units, "total": found.needed.total, "days": found.days, "base": found.base,
        "measured": found.measured, "arrivals": [list(pair) for pair in found.arrivals],
    }  # fmt: skip


@router.get(
    "/experiments/{key}/question", auth=Allow("experiments.view"), response=dict[str, Any],
    summary="Read an experiment as a question",
)  # fmt: skip
def read_experiment_question(request: HttpRequest, key: Path[Key]) -> Any:
    """The document that `POST /ask` takes, from the start to the stop or to today."""
    return question_of(get_object_or_404(Experiment, key=key), at=timezone.now())


@router.get(
    "/experiments/{key}/assignment", auth=Allow("experiments.assign"), response=AssignmentOut,
    summary="Ask which variant a unit gets",
)  # fmt: skip
def read_assignment(
    request: HttpRequest,
    key: Path[Key],
    unit: Query[Annotated[str, Field(min_length=1, max_length=200, examples=["A-1"])]],
) -> Any:
    """`unit` is what the product calls the person or account. The answer never changes while the experiment runs, so a product
    may keep it. Before the start it is the control, after the stop the chosen variant."""
    found = assignment_of(get_object_or_404(Experiment, key=key), unit=unit)
    return {**found.__dict__, "event": EXPOSED}
