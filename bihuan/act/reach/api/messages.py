"""Messages over REST: the log, one message, many at once."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.act.reach import actions
from bihuan.act.reach.api.shapes import (
    AttemptOut,
    AudienceIn,
    AudienceOut,
    MailingIn,
    MailingOut,
    ReachMessageIn,
    ReachMessageOut,
    router,
)
from bihuan.act.reach.models import Channel, Kind, Message, State, Template
from bihuan.act.reach.queries import Audience, audience_of
from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.know.accounts.models import Account, Membership, Person

VIEW, SEND = Allow("reach.view"), Allow("reach.send")


def _one(request: HttpRequest, pk: int) -> Message:
    return get_object_or_404(Message.objects.visible_to(actor_of(request)).select_related("channel"), pk=pk)


def _way(request: HttpRequest, body: Any) -> tuple[Channel, Template]:
    channel = get_object_or_404(Channel.objects.visible_to(actor_of(request)), pk=body.channel_id)
    return channel, get_object_or_404(Template, pk=body.template_id, removed_at=None)


@router.get("/reach/messages", auth=VIEW, response=list[ReachMessageOut], summary="List messages")
@paginate
def list_messages(
    request: HttpRequest, state: State | None = None, kind: Kind | None = None, account_id: Number | None = None,
    person_id: Number | None = None, origin: str | None = None,
) -> Any:  # fmt: skip
    """The newest first: those about accounts of the territory."""
    asked = {
        "state": state,
        "channel__kind": kind,
        "account_id": account_id,
        "person_id": person_id,
        "origin": origin,
    }
    wanted = {name: value for name, value in asked.items() if value is not None}
    return Message.objects.visible_to(actor_of(request)).filter(**wanted).select_related("channel")


@router.post("/reach/messages", auth=SEND, response={201: ReachMessageOut}, summary="Send a message")
def create_message(request: HttpRequest, body: ReachMessageIn) -> Any:
    """Queued, or skipped with the reason; 404 for an account or a person outside the territory. Keys of API and pages do not
    meet."""
    actor = actor_of(request)
    channel, template = _way(request, body)
    account = person = None
    if body.account_id is not None:
        account = get_object_or_404(Account.objects.visible_to(actor), pk=body.account_id)
    if body.person_id is not None:
        person = get_object_or_404(Person.objects.visible_to(actor), pk=body.person_id)
    if account and person and not Membership.objects.filter(account=account, person=person).exists():
        raise HttpError(
            422,
            f"person_id: {person.pk} was never at account {account.pk}; leave account_id out, or name theirs",
        )
    key = f"api:{actor.user_id}:{body.key}"
    return 201, actions.send_message(
        key=key, channel=channel, template=template, account=account, person=person, by=actor, at=timezone.now(),
        data=body.data, origin="api",
    )  # fmt: skip


@router.post("/reach/audience", auth=SEND, response=AudienceOut, summary="Ask who would get a message")
def ask_audience(request: HttpRequest, body: AudienceIn) -> Any:
    """Sends nothing."""
    return _said(_found(request, body))


@router.post("/reach/mailings", auth=SEND, response={202: MailingOut}, summary="Send a message to many")
def create_mailing(request: HttpRequest, body: MailingIn) -> Any:
    """Each gets it once, however often the same key is sent."""
    actor, found = actor_of(request), _found(request, body)
    channel, template = _way(request, body)
    key = f"{actor.user_id}-{body.key}"
    actions.send_to_all(
        chosen=found.chosen,
        key=key,
        channel=channel,
        template=template,
        by=actor,
        at=timezone.now(),
        data=body.data,
        only=found.only,
    )
    return 202, _said(found) | {"origin": f"hand:{key}"}


def _found(request: HttpRequest, body: AudienceIn) -> Audience:
    channel, template = _way(request, body)
    return audience_of(
        actor=actor_of(request), channel=channel, template=template, at=timezone.now(), region_id=body.region_id,
        stage=body.stage, tier=body.tier, segment=body.segment, account_ids=body.account_ids, online=body.online,
    )  # fmt: skip


def _said(found: Audience) -> dict[str, Any]:
    left_out = [{"why": one.why.value, "number": one.number} for one in found.left_out]
    return {"messages": len(found.chosen), "left_out": left_out, "online_now": found.online_now}


@router.get("/reach/messages/{int:pk}", auth=VIEW, response=ReachMessageOut, summary="Read a message")
def read_message(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return _one(request, pk)


@router.get(
    "/reach/messages/{int:pk}/tries", auth=VIEW, response=list[AttemptOut], summary="List a message's tries"
)
@paginate
def list_tries(request: HttpRequest, pk: int) -> Any:
    """The first one first."""
    return _one(request, pk).tries.all()


@router.post(
    "/reach/messages/{int:pk}/cancel", auth=SEND, response=ReachMessageOut, summary="Cancel a message"
)
def withdraw_message(request: HttpRequest, pk: int) -> Any:
    """422 once it is on its way."""
    return actions.cancel_message(message=_one(request, pk), by=actor_of(request), at=timezone.now())


@router.post(
    "/reach/messages/{int:pk}/retry", auth=SEND, response=ReachMessageOut, summary="Try a message again"
)
def repeat_message(request: HttpRequest, pk: int) -> Any:
    """422 unless it failed, was skipped, or is unclear."""
    return actions.retry_message(message=_one(request, pk), by=actor_of(request), at=timezone.now())


@router.post(
    "/reach/messages/{int:pk}/arrived",
    auth=SEND,
    response=ReachMessageOut,
    summary="Say that a message arrived",
)
def confirm_arrival(request: HttpRequest, pk: int) -> Any:
    """422 unless that is unclear."""
    return actions.confirm_message(message=_one(request, pk), by=actor_of(request), at=timezone.now())
