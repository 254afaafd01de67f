"""Who declined, and the limits, over REST."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja.pagination import paginate

from bihuan.act.reach import actions
from bihuan.act.reach.actions.consent import BY_STAFF
from bihuan.act.reach.api.shapes import OptOutIn, OptOutOut, ReachLimitsBody, router
from bihuan.act.reach.models import current_limits
from bihuan.act.reach.queries.consent import declined_for
from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.know.accounts.models import Person


@router.get(
    "/reach/opt-outs",
    auth=Allow("reach.view"),
    response=list[OptOutOut],
    summary="List who declined messages",
)
@paginate
def list_opt_outs(request: HttpRequest, person_id: Number | None = None) -> Any:
    """The newest first: people of the territory."""
    rows = declined_for(actor_of(request))
    return rows if person_id is None else rows.filter(person_id=person_id)


@router.post(
    "/reach/opt-outs",
    auth=Allow("reach.send"),
    response={201: OptOutOut},
    summary="Note that a person declines messages",
)
def create_opt_out(request: HttpRequest, body: OptOutIn) -> Any:
    """A second time changes nothing."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor), pk=body.person_id)
    kind = "" if body.kind is None else body.kind.value
    return 201, actions.opt_out(person=person, kind=kind, how=BY_STAFF, by=actor, at=timezone.now())


@router.delete(
    "/reach/opt-outs/{int:pk}",
    auth=Allow("reach.send"),
    response={204: None},
    summary="Note that a person wants messages",
)
def delete_opt_out(request: HttpRequest, pk: int) -> Any:
    """Only when they asked for it."""
    actor = actor_of(request)
    actions.opt_in(row=get_object_or_404(declined_for(actor), pk=pk), by=actor, at=timezone.now())
    return 204, None


@router.get(
    "/reach/limits", auth=Allow("reach.view"), response=ReachLimitsBody, summary="Read the limits of messages"
)
def read_reach_limits(request: HttpRequest) -> Any:
    """As they hold now."""
    return current_limits()


@router.put(
    "/reach/limits",
    auth=Allow("reach.manage"),
    response=ReachLimitsBody,
    summary="Change the limits of messages",
)
def put_reach_limits(request: HttpRequest, body: ReachLimitsBody) -> Any:
    """From the next message on."""
    return actions.change_limits(by=actor_of(request), at=timezone.now(), **body.dict())
