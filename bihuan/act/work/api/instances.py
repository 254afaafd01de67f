"""REST of instances: start, read, pause, resume, end, move; messages and signals."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router
from ninja.pagination import paginate

from bihuan.act.processes.models import Process, Version
from bihuan.act.work import actions
from bihuan.act.work.api.shapes import (
    AddIn,
    AheadIn,
    HeardOut,
    InstanceOut,
    InstanceVersionIn,
    ItemOut,
    MessageIn,
    ReasonIn,
    SignalIn,
    StartIn,
)
from bihuan.act.work.models import Instance, InstanceState
from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Moment, Number
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

router = Router(tags=["Work"])


def _seen(request: HttpRequest) -> "QuerySet[Instance]":
    return Instance.objects.visible_to(actor_of(request)).select_related("process", "version")


def one(request: HttpRequest, pk: int) -> Instance:
    """Within the territory, else 404."""
    return get_object_or_404(_seen(request), pk=pk)


def account_of(request: HttpRequest, pk: int | None) -> Account | None:
    """Within the territory, else 404."""
    return None if pk is None else get_object_or_404(Account.objects.visible_to(actor_of(request)), pk=pk)


def colleague(pk: int | None) -> Staff | None:
    """Somebody of ours, else 404."""
    return None if pk is None else get_object_or_404(Staff, pk=pk)


@router.get("/instances", auth=Allow("work.see"), response=list[InstanceOut], summary="List instances")
@paginate
def list_instances(
    request: HttpRequest, state: InstanceState | None = None, process: str | None = None, account_id: Number | None = None,
    key: str | None = None, started_since: Moment | None = None,
) -> Any:  # fmt: skip
    """The newest first, within the territory."""
    asked = {
        "state": state, "process__key": process, "account_id": account_id, "key": key, "started_at__gte": started_since,
    }  # fmt: skip
    return _seen(request).filter(**{name: value for name, value in asked.items() if value is not None})


@router.post("/instances", auth=Allow("work.start"), response={201: InstanceOut}, summary="Start a process")
def start(request: HttpRequest, body: StartIn) -> Any:
    """On its published version; 422 names the field."""
    process = get_object_or_404(Process, key=body.process)
    row = actions.start_process(
        process=process, account=account_of(request, body.account_id), title=body.title, key=body.key, values=body.values,
        by=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    return 201, Instance.objects.select_related("process", "version").get(pk=row.pk)


@router.get("/instances/{int:pk}", auth=Allow("work.see"), response=InstanceOut, summary="Read an instance")
def read_instance(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return one(request, pk)


@router.get(
    "/instances/{int:pk}/items", auth=Allow("work.see"), response=list[ItemOut], summary="List an instance's items"
)  # fmt: skip
def list_items_of(request: HttpRequest, pk: int) -> Any:
    """In the order in which they came, the platform's too."""
    return list(one(request, pk).items.order_by("opened_at", "pk"))


@router.post(
    "/instances/{int:pk}/pause", auth=Allow("work.manage"), response=InstanceOut, summary="Pause an instance"
)
def pause(request: HttpRequest, pk: int, body: ReasonIn) -> Any:
    """Its clocks stand still."""
    return actions.pause(
        instance=one(request, pk), reason=body.reason, by=actor_of(request), at=timezone.now()
    )


@router.post(
    "/instances/{int:pk}/resume", auth=Allow("work.manage"), response=InstanceOut, summary="Resume an instance"
)  # fmt: skip
def resume(request: HttpRequest, pk: int) -> Any:
    """What was left of each time limit is left again; 422 unless it is paused."""
    return actions.resume(instance=one(request, pk), by=actor_of(request), at=timezone.now())


@router.post(
    "/instances/{int:pk}/end", auth=Allow("work.manage"), response=InstanceOut, summary="End an instance"
)
def end(request: HttpRequest, pk: int, body: ReasonIn) -> Any:
    """Every item is withdrawn; 422 when it has ended."""
    return actions.cancel_instance(
        instance=one(request, pk), reason=body.reason, by=actor_of(request), at=timezone.now()
    )


@router.post(
    "/instances/{int:pk}/try-again", auth=Allow("work.manage"), response=InstanceOut, summary="Let a stuck instance go on"
)  # fmt: skip
def try_again(request: HttpRequest, pk: int) -> Any:
    """422 unless it is stuck."""
    return actions.try_again(instance=one(request, pk), by=actor_of(request), at=timezone.now())


@router.post(
    "/instances/{int:pk}/version", auth=Allow("work.manage"), response=InstanceOut, summary="Move to another version"
)  # fmt: skip
def change_version(request: HttpRequest, pk: int, body: InstanceVersionIn) -> Any:
    """422 names the steps where it stands that the version has no place for."""
    instance = one(request, pk)
    version = get_object_or_404(Version, process=instance.process_id, number=body.version)
    return actions.change_version(instance=instance, to=version, by=actor_of(request), at=timezone.now())


@router.post(
    "/instances/{int:pk}/add", auth=Allow("work.deviate"), response={201: ItemOut}, summary="Add a step"
)
def add_step(request: HttpRequest, pk: int, body: AddIn) -> Any:
    """That the drawing does not have, with the reason."""
    return 201, actions.add_step(
        instance=one(request, pk), name=body.name, reason=body.reason, to=colleague(body.to_id), role=body.role,
        due_at=body.due_at, by=actor_of(request), at=timezone.now(),
    )  # fmt: skip


@router.post(
    "/instances/{int:pk}/ahead",
    auth=Allow("work.deviate"),
    response={201: ItemOut},
    summary="Do a step ahead",
)
def do_ahead(request: HttpRequest, pk: int, body: AheadIn) -> Any:
    """On one's own bench; when its turn comes it is passed."""
    return 201, actions.do_ahead(
        instance=one(request, pk),
        element=body.element,
        reason=body.reason,
        by=actor_of(request),
        at=timezone.now(),
    )


@router.post("/messages", auth=Allow("work.start"), response=HeardOut, summary="Send a message to instances")
def send_message(request: HttpRequest, body: MessageIn) -> Any:
    """To those that wait for it with this key; processes that begin with it start."""
    found = actions.deliver_message(
        name=body.name, key=body.key, values=body.values, once=body.once, account=account_of(request, body.account_id),
        by=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    return {"instances": found}


@router.post(
    "/process-signals", auth=Allow("work.manage"), response=HeardOut, summary="Send a signal to instances"
)
def send_signal(request: HttpRequest, body: SignalIn) -> Any:
    """To every instance that waits for it; processes that begin with it start."""
    found = actions.deliver_signal(
        name=body.name, values=body.values, once=body.once, by=actor_of(request), at=timezone.now()
    )
    return {"instances": found}
