"""REST of the tracking plan: the document, and what breached it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.capture.plan.actions import import_plan
from bihuan.capture.plan.models import PlanBreach
from bihuan.capture.plan.queries import plan_of
from bihuan.capture.plan.rules import write_document
from bihuan.know.products.models import Product

router = Router(tags=["tracking plan"])


class PlanOut(Schema):
    """The plan of a product, as it can be imported."""

    product: str
    events: list[dict[str, Any]]


class PlanIn(Schema):
    """Events to add or change; others stay."""

    events: list[dict[str, Any]]


class Filled(Schema):
    """How many events were added and changed."""

    added: int
    changed: int


class BreachOut(Schema):
    """One kind of breach, counted."""

    id: int
    source_id: int
    product_id: int
    kind: str
    name: str
    property: str
    events: int
    first_seen_at: datetime
    last_seen_at: datetime


@router.get(
    "/tracking-plan/{code}", auth=Allow("tracking.view"), response=PlanOut, summary="Read a tracking plan"
)
def read_plan(request: HttpRequest, code: str) -> Any:
    """The plan of the product with this code."""
    product = get_object_or_404(Product, code=code)
    return write_document(product=product.code, events=plan_of(product_id=product.pk))


@router.put(
    "/tracking-plan/{code}", auth=Allow("tracking.edit"), response=Filled, summary="Fill a tracking plan"
)
def fill_plan(request: HttpRequest, code: str, body: PlanIn) -> Any:
    """Add and change the events named; 422 lists everything that is wrong, and nothing was written then."""
    product = get_object_or_404(Product, code=code)
    added, changed = import_plan(
        product=product, document=body.dict(), by=actor_of(request), at=timezone.now()
    )
    return {"added": added, "changed": changed}


@router.get(
    "/tracking-plan-breaches", auth=Allow("tracking.view"), response=list[BreachOut], summary="List breaches"
)
@paginate
def list_breaches(request: HttpRequest) -> Any:
    """What arrived against the plans, the last seen first."""
    return PlanBreach.objects.all()
