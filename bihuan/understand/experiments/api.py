"""REST of experiments; `…/assignment` is what a product asks."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.know.products.models import Product
from bihuan.understand.experiments import actions
from bihuan.understand.experiments.models import Experiment, Method, Unit
from bihuan.understand.experiments.queries import EXPOSED, assignment_of, question_of

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
