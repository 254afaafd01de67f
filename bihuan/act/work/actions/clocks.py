"""What happens by itself when its moment has come: each alarm once, in the transaction that deletes it."""

from collections.abc import Collection
from datetime import datetime

from bihuan.act.bpmn.running import RunStopped
from bihuan.act.work.actions.filling import stopped
from bihuan.act.work.actions.moving import Move, moving, moving_all, not_running
from bihuan.act.work.actions.placing import deputy_of_role
from bihuan.act.work.actions.stuck import mark_stuck
from bihuan.act.work.events import StepEscalated, StepOverdue, StepReminded, TimePassed
from bihuan.act.work.models import Alarm, InstanceState, ItemState, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor


def ring(*, instance_id: int, by: Actor, at: datetime) -> int:
    """Do what is due in one instance; how many alarms there were. An instance that cannot go on is marked stuck, with why."""
    try:
        with moving(instance_id, by=by, at=at) as move:
            return _ring(move)
    except RunStopped as error:
        with moving(instance_id, by=by, at=at) as move:
            why = " ".join(stopped(error, move=move).messages)
            mark_stuck(move, element=error.element, why=why)
        return 1


def ring_all(*, instance_ids: Collection[int], by: Actor, at: datetime) -> int:
    """The same in many, as one change: a thousand timers of one morning cost a few commits. When one cannot go on, nothing of
    the change is kept and each rings alone."""
    try:
        with moving_all(instance_ids, by=by, at=at) as moves:
            return sum(_ring(move) for move in moves)
    except RunStopped:
        return sum(ring(instance_id=one, by=by, at=at) for one in instance_ids)


def _ring(move: Move) -> int:
    at = move.at
    alarms = sorted(
        (one for one in move.alarms if one.due_at <= at and not one.asleep), key=lambda one: one.due_at
    )
    if not alarms or not_running(move.instance):
        return 0
    timers = [one for one in alarms if one.kind == Alarm.Kind.TIMER]
    others = [one for one in alarms if one.kind != Alarm.Kind.TIMER]
    move.silence(others)
    items = {item.pk: item for item in move.items if item.state in WAITING}
    for alarm in others:
        if alarm.item_id in items:
            _of_item(move, alarm, items[alarm.item_id])
    if timers:
        if move.instance.state == InstanceState.STUCK:
            return len(others)
        move.run.advance()
        passed = move.settle()
        moved = TimePassed(**move.place, cause="timer", passed=passed)
        move.tell(moved)
        rung = {one.pk for one in timers}
        move.silence([one for one in move.alarms if one.pk in rung])
    return len(alarms)


def _of_item(move: Move, alarm: Alarm, item: WorkItem) -> None:
    about, at = move.of_item(item), move.at
    if alarm.kind == Alarm.Kind.REMIND:
        move.tell(StepReminded(**about, assignee_id=item.assignee_id))
    elif alarm.kind == Alarm.Kind.OVERDUE:
        move.tell(StepOverdue(**about, assignee_id=item.assignee_id))
    else:
        to = move.node(item.element).work.escalate_to
        deputy = deputy_of_role(to, account_id=item.account_id, at=at)
        item.role, item.escalated_at = to, at
        item.assignee_id = None if deputy is None else deputy[0]
        item.state, item.claimed_at = (ItemState.OPEN, None) if deputy is None else (ItemState.CLAIMED, at)
        item.save(update_fields=["role", "assignee", "escalated_at", "state", "claimed_at"])
        move.tell(StepEscalated(**about, to=to))
        if deputy is not None:
            move.hand_over(item, was=deputy[1], absence_id=deputy[2])
