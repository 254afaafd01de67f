"""Channels over REST."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja.pagination import paginate

from bihuan.act.reach import actions
from bihuan.act.reach.api.shapes import ChannelIn, ChannelOut, ChannelPatch, ChannelSecretOut, router
from bihuan.act.reach.models import Channel, Kind
from bihuan.act.reach.queries.inbox import secret_of
from bihuan.base.access import Actor, Allow, actor_of
from bihuan.base.webhooks.signing import secret_text
from bihuan.know.accounts.models import Account
from bihuan.know.products.models import Product

MANAGE = Allow("reach.manage")


def _one(request: HttpRequest, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.managed_by(actor_of(request)), pk=pk)


def _account(pk: int | None, actor: Actor) -> Account | None:
    return None if pk is None else get_object_or_404(Account.objects.visible_to(actor), pk=pk)


@router.get("/reach/channels", auth=MANAGE, response=list[ChannelOut], summary="List channels")
@paginate
def list_channels(request: HttpRequest) -> Any:
    """By name; robots in groups of accounts of the territory."""
    return Channel.objects.visible_to(actor_of(request))


@router.post("/reach/channels", auth=MANAGE, response={201: ChannelOut}, summary="Add a channel")
def create_channel(request: HttpRequest, body: ChannelIn) -> Any:
    """422 names the field."""
    actor, said = actor_of(request), body.dict()
    account, product = _account(said.pop("account_id"), actor), said.pop("product_id")
    owner = None if product is None else get_object_or_404(Product, pk=product)
    said["kind"] = said["kind"].value
    return 201, actions.add_channel(account=account, product=owner, by=actor, at=timezone.now(), **said)


@router.patch("/reach/channels/{int:pk}", auth=MANAGE, response=ChannelOut, summary="Change a channel")
def update_channel(request: HttpRequest, pk: int, body: ChannelPatch) -> Any:
    """`account_id` null: our own team's group."""
    row, actor = _one(request, pk), actor_of(request)
    said = body.dict(exclude_unset=True)
    account = _account(said["account_id"], actor) if "account_id" in said else row.account
    kept = {
        name: said[name] if said.get(name) is not None else getattr(row, name)
        for name in ("name", "active", "url")
    }
    return actions.change_channel(
        channel=row,
        account=account,
        token=body.token,
        secret=body.secret,
        by=actor,
        at=timezone.now(),
        **kept,
    )


@router.delete("/reach/channels/{int:pk}", auth=MANAGE, response={204: None}, summary="Remove a channel")
def delete_channel(request: HttpRequest, pk: int) -> Any:
    """What waits on it is cancelled."""
    actions.remove_channel(channel=_one(request, pk), by=actor_of(request), at=timezone.now())
    return 204, None


@router.post(
    "/reach/channels/{int:pk}/secret",
    auth=MANAGE,
    response=ChannelSecretOut,
    summary="Change a channel's secret",
)
def change_secret_of_channel(request: HttpRequest, pk: int) -> Any:
    """Of an inbox or a webhook; the one before is refused from now on."""
    row: Any = actions.change_channel_secret(
        channel=_one(request, pk), by=actor_of(request), at=timezone.now()
    )
    row.secret = secret_of(row) if row.kind == Kind.IN_APP else secret_text(row.key)
    return row
