"""REST of the metric system."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Path, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Actor, Allow, Reach, actor_of
from bihuan.base.metrics import Metric
from bihuan.know.products.models import Product
from bihuan.understand.metrics import actions
from bihuan.understand.metrics.models import (
    How,
    Kind,
    Layer,
    MetricAlarm,
    MetricAlert,
    MetricTarget,
    Over,
    OwnMetric,
    ProductStageName,
)
from bihuan.understand.metrics.queries import (
    Node,
    Period,
    ProductStage,
    known_metrics,
    numbers_open_to,
    reason_of_stage,
    stages_on,
    tree_of,
)

router = Router(tags=["Metrics"])
Key = Annotated[str, Field(min_length=1, max_length=60, examples=["mrr_total"])]
Whole = Annotated[int, Field(ge=1, le=366)]
Number = Annotated[float, Field(ge=-1e15, le=1e15)]


class MetricIn(Schema):
    """A metric of one's own: one of question (without a period), measure and formula is its source."""

    title: str = Field(..., min_length=1, max_length=120)
    definition: str = Field(..., min_length=1, max_length=1000)
    unit: str = Field("", max_length=20)
    kind: Kind = Kind.NUMBER
    higher_is_better: bool = True
    layer: Layer = Layer.CUSTOMER
    question: dict[str, Any] | None = Field(None, examples=[{"kind": "trend", "measure": "people"}])
    pick: str = Field("", max_length=60)
    measure: str = Field("", max_length=60)
    over: Over = Over.SUM
    formula: str = Field("", max_length=300)
    how: How = How.PRODUCT
    drivers: list[Key] = Field([], max_length=12)


class MetricOut(Schema):
    """A metric; `own` ones were defined here, others by an app."""

    key: str
    title: str
    definition: str
    unit: str
    kind: str
    higher_is_better: bool
    layer: str
    question: dict[str, Any] | None
    pick: str
    measure: str
    over: str
    formula: str
    how: str
    drivers: list[str]
    own: bool


class NodeOut(Schema):
    """A metric at its place in the tree: `path` from the core. `part` is what it contributed to the change of the core; `rest`
    what its own drivers do not explain of its change; `undivided` says why that is not divided: sign, missing or large."""

    key: str
    path: list[str]
    value: float | None
    before: float | None
    reason: str
    change: float | None
    part: float | None
    rest: float | None
    undivided: str
    target: float | None
    met: bool | None


class TargetIn(Schema):
    """A target from a day on; null is none any more."""

    value: Number | None
    from_day: date
    note: str = Field("", max_length=200)


class TargetOut(Schema):
    """A target, with who set it."""

    metric: str
    value: float | None
    from_day: date
    note: str
    set_by: str
    set_at: datetime


class AlertIn(Schema):
    """When to alarm; `change` is in percent, `days` the length of the period."""

    metric: Key
    rule: Literal["threshold", "change", "season"]
    above: Number | None = None
    below: Number | None = None
    change: float | None = Field(None, ge=0.1, le=10_000)
    k: float = Field(4, ge=1, le=20)
    days: Whole = 7
    cooldown_days: int = Field(7, ge=0, le=366)
    active: bool = True


class AlertOut(AlertIn):
    """An alert."""

    id: int


class AlarmOut(Schema):
    """An alert that was raised."""

    id: int
    alert_id: int
    metric: str
    day: date
    side: str
    value: float
    bound: float
    raised_at: datetime


class StageIn(Schema):
    """A stage set by judgement, with the reason."""

    stage: ProductStageName
    reason: str = Field(..., min_length=1, max_length=300)


class ProductNumbersOut(Schema):
    """Accounts that use a product and its revenue, now and 84 days before, as `ProductNumbers` says."""

    age_days: int | None
    active: int
    last: int
    lost: int
    active_before: int
    last_before: int
    lost_before: int
    revenue: float | None
    revenue_before: float | None


class ProductStageOut(Schema):
    """A product's stage: the one in force, the one that the numbers say and why, somebody's judgement, the core metric there.
    `numbers`, `reason` in words, `overridden_because` and the core's values are only for those who see every account."""

    product_id: int
    product: str
    day: date
    stage: str | None
    computed: str | None
    why: str
    reason: str
    overridden_because: str
    overridden_by: str
    core: str
    core_now: float | None
    core_before: float | None
    numbers: ProductNumbersOut | None
    counted_at: datetime | None


def _staged(one: ProductStage, *, actor: Actor) -> dict[str, Any]:
    everywhere, core = numbers_open_to(actor), one.core
    return {
        "product_id": one.product.pk, "product": one.product.name, "day": one.day, "stage": one.stage,
        "computed": one.computed.stage, "why": one.computed.why, "reason": reason_of_stage(one) if everywhere else "",
        "overridden_because": one.override.reason if one.override and everywhere else "",
        "overridden_by": one.override.author_name if one.override else "", "core": core.name if core else "",
        "core_now": core.now if core and everywhere else None, "core_before": core.before if core and everywhere else None,
        "numbers": one.numbers.__dict__ if everywhere else None, "counted_at": one.kept_at,
    }  # fmt: skip


def _out(metric: Metric, *, own: bool) -> dict[str, Any]:
    texts = {name: str(getattr(metric, name)) for name in ("title", "definition", "unit")}
    return {**metric.__dict__, **texts, "drivers": list(metric.drivers), "own": own}


def _node(node: Node) -> dict[str, Any]:
    division = node.share.division
    divided = division is not None and not division.reason
    return {
        "key": node.share.key, "path": node.share.path, "value": node.now.value, "before": node.before.value,
        "reason": node.now.reason or node.before.reason, "change": node.change, "part": node.share.to_core,
        "rest": division.rest if division is not None and divided else None,
        "undivided": division.reason if division is not None else "", "target": node.target, "met": node.met,
    }  # fmt: skip


def _of_everybody(actor: Actor) -> None:
    """Targets and alarms are about every account: 404 for those who do not see them all."""
    if actor.reach != Reach.ALL:
        raise Http404


@router.get("/metrics", auth=Allow("metrics.view"), response=list[MetricOut], summary="List metrics")
def list_metrics(request: HttpRequest) -> Any:
    """Those that apps declare, then those defined here."""
    own = set(OwnMetric.objects.values_list("key", flat=True))
    return [_out(metric, own=key in own) for key, metric in known_metrics().items()]


@router.get(
    "/metrics/{key}/tree", auth=Allow("metrics.view"), response=list[NodeOut], summary="Read a metric tree"
)
def read_metric_tree(request: HttpRequest, key: Path[Key], days: Whole = 28, to: date | None = None) -> Any:
    """The metric and what drives it, each before its drivers, in the `days` ended on `to` (yesterday when it is left out)
    against as many days before. The parts of the deepest metrics and the rests add up to the change of the first."""
    last = to or timezone.localdate() - timedelta(days=1)
    if not date(1990, 1, 1) <= last <= date(2100, 1, 1):
        raise Http404
    period = Period.of(days=days, last=last)
    try:
        return [
            _node(one) for one in tree_of(core=key, period=period, actor=actor_of(request), at=timezone.now())
        ]
    except KeyError:
        raise Http404 from None


@router.put("/metrics/{key}", auth=Allow("metrics.edit"), response=MetricOut, summary="Define a metric")
def put_metric(request: HttpRequest, key: Path[Key], body: MetricIn) -> Any:
    """Add it, or define it anew; 422 names the field that is wrong, and for a key that an app declares."""
    row = OwnMetric.objects.filter(key=key).first() or OwnMetric(key=key)
    for name, value in body.dict().items():
        setattr(row, name, value)
    row = actions.save_metric(metric=row, by=actor_of(request), at=timezone.now())
    return _out(row.metric(), own=True)


@router.delete("/metrics/{key}", auth=Allow("metrics.edit"), response={204: None}, summary="Remove a metric")
def drop_metric(request: HttpRequest, key: Path[Key]) -> Any:
    """One defined here; 422 while others are made of it."""
    row = get_object_or_404(OwnMetric, key=key)
    actions.remove_metric(metric=row, by=actor_of(request), at=timezone.now())
    return 204, None


@router.get(
    "/metrics/{key}/targets", auth=Allow("metrics.view"), response=list[TargetOut], summary="List its targets"
)
def list_metric_targets(request: HttpRequest, key: Path[Key]) -> Any:
    """The history, the latest first; 404 for those who do not see every account."""
    _of_everybody(actor_of(request))
    _readable(key, actor_of(request))
    return MetricTarget.objects.filter(metric=key)


@router.post(
    "/metrics/{key}/targets", auth=Allow("metrics.edit"), response={201: TargetOut}, summary="Set a target"
)
def create_metric_target(request: HttpRequest, key: Path[Key], body: TargetIn) -> Any:
    """From a day on; earlier ones stay in the history."""
    return 201, actions.set_target(metric=key, by=actor_of(request), at=timezone.now(), **body.dict())


@router.get("/metric-alerts", auth=Allow("metrics.view"), response=list[AlertOut], summary="List alerts")
@paginate
def list_metric_alerts(request: HttpRequest) -> Any:
    """Of every metric."""
    return MetricAlert.objects.all()


@router.post("/metric-alerts", auth=Allow("metrics.edit"), response={201: AlertOut}, summary="Add an alert")
def create_metric_alert(request: HttpRequest, body: AlertIn) -> Any:
    """422 names the field that is wrong."""
    row = MetricAlert(**body.dict())
    return 201, actions.save_alert(alert=row, by=actor_of(request), at=timezone.now())


@router.put(
    "/metric-alerts/{int:pk}", auth=Allow("metrics.edit"), response=AlertOut, summary="Change an alert"
)
def put_metric_alert(request: HttpRequest, pk: int, body: AlertIn) -> Any:
    """All of it; `active` false pauses it."""
    row = get_object_or_404(MetricAlert, pk=pk)
    for name, value in body.dict().items():
        setattr(row, name, value)
    return actions.save_alert(alert=row, by=actor_of(request), at=timezone.now())


@router.get("/metric-alarms", auth=Allow("metrics.view"), response=list[AlarmOut], summary="List alarms")
@paginate
def list_metric_alarms(request: HttpRequest) -> Any:
    """What was out of order, the newest first; nothing for those who do not see every account."""
    actor = actor_of(request)
    allowed = [key for key, one in known_metrics().items() if not one.permission or actor.may(one.permission)]
    rows = MetricAlarm.objects.filter(metric__in=allowed)
    return rows if actor.reach == Reach.ALL else rows.none()


@router.get(
    "/product-stages", auth=Allow("metrics.view"), response=list[ProductStageOut], summary="List products' stages"
)  # fmt: skip
def list_product_stages(request: HttpRequest) -> Any:
    """As of yesterday, by name of the product. `counted_at`: when the numbers were counted and kept, null: for this answer."""
    day = timezone.localdate() - timedelta(days=1)
    return [_staged(one, actor=actor_of(request)) for one in stages_on(day=day)]


@router.get(
    "/products/{int:pk}/stage", auth=Allow("metrics.view"), response=ProductStageOut, summary="Read a product's stage"
)  # fmt: skip
def read_product_stage(request: HttpRequest, pk: int) -> Any:
    """As of yesterday."""
    product = get_object_or_404(Product, pk=pk)
    (found,) = stages_on(day=timezone.localdate() - timedelta(days=1), products=[product])
    return _staged(found, actor=actor_of(request))


@router.post(
    "/products/{int:pk}/stage/count", auth=Allow("metrics.edit"), response=ProductStageOut,
    summary="Count a product's stage again",
)  # fmt: skip
def count_product_stage(request: HttpRequest, pk: int) -> Any:
    """As of yesterday, and keep it; every hour that happens by itself where something changed."""
    product, day = get_object_or_404(Product, pk=pk), timezone.localdate() - timedelta(days=1)
    actions.keep_stages(day=day, products=[product], by=actor_of(request), at=timezone.now())
    (found,) = stages_on(day=day, products=[product])
    return _staged(found, actor=actor_of(request))


@router.put(
    "/products/{int:pk}/stage", auth=Allow("stages.override"), response={204: None}, summary="Set a product's stage"
)  # fmt: skip
def put_product_stage(request: HttpRequest, pk: int, body: StageIn) -> Any:
    """By judgement, in place of what the numbers say, until it is ended; an earlier one ends."""
    product = get_object_or_404(Product, pk=pk)
    actions.override_stage(product=product, by=actor_of(request), at=timezone.now(), **body.dict())
    return 204, None


@router.delete(
    "/products/{int:pk}/stage", auth=Allow("stages.override"), response={204: None}, summary="End the stage set by judgement"
)  # fmt: skip
def drop_product_stage(request: HttpRequest, pk: int) -> Any:
    """The numbers count again; without a judgement nothing changes."""
    product = get_object_or_404(Product, pk=pk)
    actions.end_stage_override(product=product, by=actor_of(request), at=timezone.now())
    return 204, None


def _readable(key: str, actor: Actor) -> None:
    """404 for a metric that is not there or not theirs to see."""
    metric = known_metrics().get(key)
    if metric is None or (metric.permission and not actor.may(metric.permission)):
        raise Http404
