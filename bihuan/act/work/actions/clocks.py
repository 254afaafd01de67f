"""What happens by itself when its moment has come: each alarm once, in the transaction that deletes it."""

from datetime import datetime

from bihuan.act.bpmn.running import RunStopped
from bihuan.act.work.actions.filling import stopped
from bihuan.act.work.actions.moving import Move, moving, not_running
from bihuan.act.work.actions.stuck import mark_stuck
from bihuan.act.work.events import StepEscalated, StepOverdue, StepReminded, TimePassed
from bihuan.act.work.models import Alarm, InstanceState, ItemState, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor


def ring(*, instance_id: int, by: Actor, at: datetime) -> int:
    """Do what is due in one instance; how many alarms there were. An instance that cannot go on is marked stuck, with why."""
    try:
        return _ring(instance_id, by=by, at=at)
    except RunStopped as error:
        with moving(instance_id, by=by, at=at) as move:
            why = " ".join(stopped(error, move=move).messages)
            mark_stuck(move, element=error.element, why=why)
        return 1


def _ring(instance_id: int, *, by: Actor, at: datetime) -> int:
    with moving(instance_id, by=by, at=at) as move:
        alarms = list(
            move.instance.alarms.filter(due_at__lte=at, asleep=False)
            .select_related("item")
            .order_by("due_at")
        )
        if not alarms or not_running(move.instance):
            return 0
        timers = [one for one in alarms if one.kind == Alarm.Kind.TIMER]
        for alarm in alarms:
            if alarm.kind != Alarm.Kind.TIMER:
                alarm.delete()
                if alarm.item is not None and alarm.item.state in WAITING:
                    _of_item(move, alarm, alarm.item)
        if timers:
            if move.instance.state == InstanceState.STUCK:
                return len(alarms) - len(timers)
            move.run.advance()
            passed = move.settle()
            moved = TimePassed(**move.place, cause="timer", passed=passed)
            move.tell(moved)
            Alarm.objects.filter(pk__in=[one.pk for one in timers], due_at__lte=at).delete()
        return len(alarms)


def _of_item(move: Move, alarm: Alarm, item: WorkItem) -> None:
    about, at = move.of_item(item), move.at
    if alarm.kind == Alarm.Kind.REMIND:
        move.tell(StepReminded(**about, assignee_id=item.assignee_id))
    elif alarm.kind == Alarm.Kind.OVERDUE:
        move.tell(StepOverdue(**about, assignee_id=item.assignee_id))
    else:
        to = move.node(item.element).work.escalate_to
        item.role, item.assignee, item.escalated_at = to, None, at
        item.state, item.claimed_at = ItemState.OPEN, None
        item.save(update_fields=["role", "assignee", "escalated_at", "state", "claimed_at"])
        move.tell(StepEscalated(**about, to=to))
