"""Templates over REST."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja.pagination import paginate

from bihuan.act.reach import actions
from bihuan.act.reach.api.shapes import MessageTemplateIn, MessageTemplateOut, router
from bihuan.act.reach.models import Template
from bihuan.base.access import Allow, actor_of

WRITE = Allow("reach.write")


def _one(pk: int) -> Template:
    return get_object_or_404(Template, pk=pk, removed_at=None)


def _values(body: MessageTemplateIn) -> dict[str, Any]:
    said = body.dict()
    return said | {"kinds": [kind.value for kind in said["kinds"]], "shows": said["shows"].value}


@router.get(
    "/reach/templates",
    auth=Allow("reach.view"),
    response=list[MessageTemplateOut],
    summary="List message templates",
)
@paginate
def list_message_templates(request: HttpRequest) -> Any:
    """By name."""
    return Template.objects.filter(removed_at=None)


@router.post(
    "/reach/templates", auth=WRITE, response={201: MessageTemplateOut}, summary="Add a message template"
)
def create_message_template(request: HttpRequest, body: MessageTemplateIn) -> Any:
    """422 for a placeholder that nobody knows."""
    return 201, actions.save_template(values=_values(body), by=actor_of(request), at=timezone.now())


@router.put(
    "/reach/templates/{int:pk}",
    auth=WRITE,
    response=MessageTemplateOut,
    summary="Write a message template anew",
)
def put_message_template(request: HttpRequest, pk: int, body: MessageTemplateIn) -> Any:
    """What is queued keeps its text."""
    return actions.save_template(
        template=_one(pk), values=_values(body), by=actor_of(request), at=timezone.now()
    )


@router.delete(
    "/reach/templates/{int:pk}", auth=WRITE, response={204: None}, summary="Remove a message template"
)
def delete_message_template(request: HttpRequest, pk: int) -> Any:
    """What it wrote stays."""
    actions.remove_template(template=_one(pk), by=actor_of(request), at=timezone.now())
    return 204, None
