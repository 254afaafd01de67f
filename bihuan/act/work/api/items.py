"""REST of work items: list, take, give, put back, complete, vote, tick, skip, reassign."""

from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router
from ninja.pagination import paginate

from bihuan.act.work import actions
from bihuan.act.work.api.instances import colleague
from bihuan.act.work.api.shapes import (
    CompleteIn,
    DelegateIn,
    ItemOut,
    NoteIn,
    ReasonIn,
    ReassignIn,
    TickIn,
    VoteIn,
)
from bihuan.act.work.models import ItemState, WorkItem
from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.know.staff.models import Staff


def item_of(request: HttpRequest, pk: int) -> WorkItem:
    """Within what the reader may see, else 404."""
    rows = WorkItem.objects.visible_to(actor_of(request)).select_related("instance")
    return get_object_or_404(rows, pk=pk)


def list_items(
    request: HttpRequest, whose: Literal["mine", "queue", "all"] = "mine", state: ItemState | None = None,
    role: str | None = None, account_id: Number | None = None, instance_id: Number | None = None,
) -> Any:  # fmt: skip
    """One's own bench, the queues of one's roles, or all that one may see; those that wait unless a state is asked for."""
    actor, rows = actor_of(request), WorkItem.objects.all()
    rows = rows.waiting() if state is None else rows.filter(state=state)
    rows = {"mine": rows.of, "queue": rows.queued_for, "all": rows.visible_to}[whose](actor)
    asked = {"role": role, "account_id": account_id, "instance_id": instance_id}
    return rows.filter(**{name: value for name, value in asked.items() if value is not None})


def read_item(request: HttpRequest, pk: int) -> Any:
    """404 for one that one may not see."""
    return item_of(request, pk)


def claim(request: HttpRequest, pk: int) -> Any:
    """On one's own bench; 422 when somebody else has it."""
    return actions.claim(item=item_of(request, pk), by=actor_of(request), at=timezone.now())


def give_back(request: HttpRequest, pk: int, body: NoteIn) -> Any:
    """Into the queue of its role."""
    return actions.give_back(
        item=item_of(request, pk), note=body.note, by=actor_of(request), at=timezone.now()
    )


def delegate(request: HttpRequest, pk: int, body: DelegateIn) -> Any:
    """To a colleague with the role."""
    to = get_object_or_404(Staff, pk=body.to_id)
    return actions.delegate(
        item=item_of(request, pk), to=to, note=body.note, by=actor_of(request), at=timezone.now()
    )


def complete(request: HttpRequest, pk: int, body: CompleteIn) -> Any:
    """Done; 422 names what is missing, or who was quicker."""
    return actions.complete(
        item=item_of(request, pk),
        values=body.values,
        signed=body.signed,
        minutes=body.minutes,
        by=actor_of(request),
        at=timezone.now(),
    )


def vote(request: HttpRequest, pk: int, body: VoteIn) -> Any:
    """Yes or no when one is asked; the vote that decides completes the item."""
    return actions.vote(
        item=item_of(request, pk),
        approved=body.approved,
        note=body.note,
        signed=body.signed,
        by=actor_of(request),
        at=timezone.now(),
    )


def tick(request: HttpRequest, pk: int, line: int, body: TickIn) -> Any:
    """A line of its check-list, 0 the first."""
    return actions.tick(
        item=item_of(request, pk), line=line, done=body.done, by=actor_of(request), at=timezone.now()
    )


def skip(request: HttpRequest, pk: int, body: ReasonIn) -> Any:
    """Go on without it, with the reason."""
    return actions.skip_step(
        item=item_of(request, pk), reason=body.reason, by=actor_of(request), at=timezone.now()
    )


def reassign(request: HttpRequest, pk: int, body: ReassignIn) -> Any:
    """To whoever is not meant to do it, with the reason."""
    return actions.reassign(
        item=item_of(request, pk), to=colleague(body.to_id), role=body.role, reason=body.reason, by=actor_of(request),
        at=timezone.now(),
    )  # fmt: skip


def add_items(router: Router) -> None:
    """The operations on items."""
    do, leave = Allow("work.do"), Allow("work.deviate")
    listed = router.get("/work-items", auth=do, response=list[ItemOut], summary="List work items")
    listed(paginate(list_items))
    router.get("/work-items/{int:pk}", auth=do, response=ItemOut, summary="Read a work item")(read_item)
    for name, function, auth, summary in (
        ("claim", claim, do, "Take a work item"), ("return", give_back, do, "Put a work item back"),
        ("delegate", delegate, do, "Give a work item to a colleague"), ("complete", complete, do, "Complete a work item"),
        ("vote", vote, do, "Vote on a work item"), ("ticks/{int:line}", tick, do, "Tick a line of a check-list"),
        ("skip", skip, leave, "Skip a step"), ("reassign", reassign, leave, "Give a work item to somebody else"),
    ):  # fmt: skip
        router.post(f"/work-items/{{int:pk}}/{name}", auth=auth, response=ItemOut, summary=summary)(function)
