"""Absences: what is meant for somebody who is away goes to their deputy, else to the queue of its role, and comes back."""

from datetime import datetime

from django.utils import timezone

from bihuan.act.work.actions.moving import Move, moving
from bihuan.act.work.actions.placing import stand_in
from bihuan.act.work.events import StepHandedOver
from bihuan.act.work.models import HandOver, ItemState, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor
from bihuan.know.absences.models import Absence
from bihuan.know.absences.queries import absence_of


def hand_over_open(*, absence_id: int, by: Actor, at: datetime) -> int:
    """When an absence has begun: what is overdue or due before the return goes to whoever is there; how many items went.
    Once more does no harm: what went lies there no more."""
    absence = Absence.objects.filter(pk=absence_id, ended_at=None).first()
    if absence is None:
        return 0
    back = timezone.localtime(at).replace(
        year=absence.last_day.year, month=absence.last_day.month, day=absence.last_day.day,
        hour=23, minute=59, second=59, microsecond=999_999,
    )  # fmt: skip
    rows = WorkItem.objects.waiting().filter(assignee=absence.staff_id, due_at__lte=back)
    return sum(_hand_over(row, absence=absence, by=by, at=at) for row in rows.order_by("due_at", "pk"))


def _hand_over(item: WorkItem, *, absence: Absence, by: Actor, at: datetime) -> bool:
    with moving(item.instance_id, by=by, at=at) as move:
        row = _waiting(move, item.pk)
        if row is None or row.assignee_id != absence.staff_id or stand_in(row, at=at) is None:
            return False
        row.state = ItemState.OPEN if row.assignee_id is None else ItemState.CLAIMED
        row.claimed_at = None if row.assignee_id is None else at
        row.save(update_fields=["assignee", "state", "claimed_at"])
        move.hand_over(row, absence_id=absence.pk, was=absence.staff_id)
        return True


def _waiting(move: Move, item_id: int) -> WorkItem | None:
    """The item as it is held now, when it still waits."""
    return next((one for one in move.items if one.pk == item_id and one.state in WAITING), None)


def take_back(*, absence_id: int, by: Actor, at: datetime) -> int:
    """When an absence is over: what the deputy has not begun returns; how many items came back."""
    rows = HandOver.objects.filter(absence=absence_id, back_at=None).select_related("item", "was")
    return sum(_take_back(row, by=by, at=at) for row in rows.order_by("pk"))


def _take_back(kept: HandOver, *, by: Actor, at: datetime) -> bool:
    with moving(kept.item.instance_id, by=by, at=at) as move:
        row = _waiting(move, kept.item_id)
        if not HandOver.objects.filter(pk=kept.pk, back_at=None).update(back_at=at) or row is None:
            return False
        if (
            _begun(row, kept)
            or kept.was is None
            or not kept.was.is_active
            or absence_of(kept.was.pk, at=at) is not None
        ):
            return False
        row.assignee_id, row.state, row.claimed_at = kept.was_id, ItemState.CLAIMED, at
        row.save(update_fields=["assignee", "state", "claimed_at"])
        fact = StepHandedOver(
            **move.of_item(row), absence_id=kept.absence_id, from_id=kept.to_id, to_id=kept.was_id, back=True
        )
        move.tell(fact)
        return True


def pass_on(*, absence_id: int, by: Actor, at: datetime) -> int:
    """Another deputy stands in: what the one before has not begun goes to them; how many items went."""
    rows = HandOver.objects.filter(absence=absence_id, back_at=None).select_related("item", "was")
    return sum(_pass_on(row, by=by, at=at) for row in rows.order_by("pk"))


def _pass_on(kept: HandOver, *, by: Actor, at: datetime) -> bool:
    with moving(kept.item.instance_id, by=by, at=at) as move:
        row = _waiting(move, kept.item_id)
        if row is None or kept.was_id is None or kept.absence_id is None or _begun(row, kept):
            return False
        row.assignee_id = kept.was_id
        if stand_in(row, at=at) is None or row.assignee_id == kept.to_id:
            return False
        HandOver.objects.filter(pk=kept.pk).update(back_at=at)
        row.state = ItemState.OPEN if row.assignee_id is None else ItemState.CLAIMED
        row.claimed_at = None if row.assignee_id is None else at
        row.save(update_fields=["assignee", "state", "claimed_at"])
        move.hand_over(row, absence_id=kept.absence_id, was=kept.was_id)
        return True


def _begun(row: WorkItem, kept: HandOver) -> bool:
    """Whether somebody has done something with it since, or has moved it on."""
    moved = row.assignee_id != kept.to_id
    return moved or row.ticks.exists() or row.votes.exclude(approved=None).exists()
