"""REST of webhooks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.base.webhooks import actions
from bihuan.base.webhooks.models import Delivery, Endpoint

router = Router(tags=["Operations"])
MANAGE = Allow("webhooks.manage")


class WebhookIn(Schema):
    """Where to, and which facts: names as in the audit."""

    name: str = Field(..., min_length=1, max_length=80, examples=["ERP"])
    url: str = Field(..., min_length=8, max_length=500, examples=["https://erp.example.com/hooks/bihuan"])
    facts: list[str] = Field(..., min_length=1, max_length=500, examples=[["process_started", "step_done"]])
    active: bool = True


class WebhookPatch(Schema):
    """What to change; fields that are absent stay."""

    name: str | None = Field(None, min_length=1, max_length=80)
    url: str | None = Field(None, min_length=8, max_length=500)
    facts: list[str] | None = Field(None, min_length=1, max_length=500)
    active: bool | None = None


class WebhookOut(Schema):
    """A webhook; `failing_since` when it last stopped taking what is sent, `off_why` why it was switched off."""

    id: int
    name: str
    url: str
    facts: list[str]
    active: bool
    failing_since: datetime | None
    retry_at: datetime | None
    off_why: str


class WebhookSecretOut(WebhookOut):
    """With its secret, which is told at this one time."""

    secret: str


class DeliveryOut(Schema):
    """One fact for one webhook; `message_id` is the header `webhook-id`, the same at every try."""

    id: int
    message_id: str
    uid: UUID
    name: str
    state: str
    at: datetime
    attempts: int
    tried_at: datetime | None
    done_at: datetime | None
    status: int
    error: str


def _one(pk: int) -> Endpoint:
    return get_object_or_404(Endpoint.objects.kept(), pk=pk)


@router.get("/webhooks", auth=MANAGE, response=list[WebhookOut], summary="List webhooks")
@paginate
def list_webhooks(request: HttpRequest) -> Any:
    """By name."""
    return Endpoint.objects.kept()


@router.post("/webhooks", auth=MANAGE, response={201: WebhookSecretOut}, summary="Add a webhook")
def create_webhook(request: HttpRequest, body: WebhookIn) -> Any:
    """422 names the field."""
    return 201, actions.add_endpoint(by=actor_of(request), at=timezone.now(), **body.dict())


@router.patch("/webhooks/{int:pk}", auth=MANAGE, response=WebhookOut, summary="Change a webhook")
def update_webhook(request: HttpRequest, pk: int, body: WebhookPatch) -> Any:
    """Switched on again it gets what still waits."""
    row = _one(pk)
    kept = {"name": row.name, "url": row.url, "facts": row.facts, "active": row.active}
    said = {name: value for name, value in body.dict(exclude_unset=True).items() if value is not None}
    return actions.change_endpoint(endpoint=row, by=actor_of(request), at=timezone.now(), **(kept | said))


@router.delete("/webhooks/{int:pk}", auth=MANAGE, response={204: None}, summary="Remove a webhook")
def delete_webhook(request: HttpRequest, pk: int) -> Any:
    """What waits is given up."""
    actions.remove_endpoint(endpoint=_one(pk), by=actor_of(request), at=timezone.now())
    return 204, None


@router.post(
    "/webhooks/{int:pk}/secret", auth=MANAGE, response=WebhookSecretOut, summary="Change a webhook's secret"
)
def change_webhook_secret(request: HttpRequest, pk: int) -> Any:
    """The old one signs beside it for a day."""
    return actions.change_secret(endpoint=_one(pk), by=actor_of(request), at=timezone.now())


@router.post(
    "/webhooks/{int:pk}/test", auth=MANAGE, response={202: DeliveryOut}, summary="Send a test to a webhook"
)
def test_webhook(request: HttpRequest, pk: int) -> Any:
    """422 while it is off."""
    return 202, actions.send_test(endpoint=_one(pk), by=actor_of(request), at=timezone.now())


@router.get(
    "/webhooks/{int:pk}/deliveries", auth=MANAGE, response=list[DeliveryOut], summary="List a webhook's deliveries"
)  # fmt: skip
@paginate
def list_deliveries(request: HttpRequest, pk: int, state: Delivery.State | None = None) -> Any:
    """The newest first, for a month."""
    rows = _one(pk).deliveries.all()
    return rows if state is None else rows.filter(state=state)


@router.post(
    "/webhook-deliveries/{int:pk}/replay", auth=MANAGE, response={202: DeliveryOut}, summary="Send a delivery once more"
)  # fmt: skip
def replay_delivery(request: HttpRequest, pk: int) -> Any:
    """Under the same id; 422 while the webhook is off."""
    row = get_object_or_404(
        Delivery.objects.filter(endpoint__removed_at=None).select_related("endpoint"), pk=pk
    )
    return 202, actions.replay(delivery=row, by=actor_of(request), at=timezone.now())
