"""Messages and signals reach the instances that wait for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from bihuan.act.bpmn.running import RunStopped
from bihuan.act.work.actions.filling import stopped
from bihuan.act.work.actions.moving import moving, not_running
from bihuan.act.work.actions.stuck import mark_stuck
from bihuan.act.work.events import TimePassed
from bihuan.act.work.models import Listening
from bihuan.base.access import Actor


def deliver_message(*, name: str, key: str, values: Mapping[str, Any], by: Actor, at: datetime) -> list[int]:
    """The ids of the instances that took it: every one that waits for the name with this key, or with any."""
    waiting = Listening.objects.filter(Q(key="") | Q(key=key), kind="message", name=name)
    return [pk for pk in _instances(waiting) if _heard(pk, "message", name, key, values, by=by, at=at)]


def deliver_signal(*, name: str, values: Mapping[str, Any], by: Actor, at: datetime) -> list[int]:
    """The ids of the instances that heard it: every one that waits for the name."""
    waiting = Listening.objects.filter(kind="signal", name=name)
    return [pk for pk in _instances(waiting) if _heard(pk, "signal", name, "", values, by=by, at=at)]


def _instances(waiting: Any) -> list[int]:
    return sorted(set(waiting.values_list("instance_id", flat=True)))


def _heard(
    instance_id: int, kind: str, name: str, key: str, values: Mapping[str, Any], *, by: Actor, at: datetime
) -> bool:
    """In a transaction of its own: one instance that cannot go on does not keep the others from hearing."""
    try:
        with moving(instance_id, by=by, at=at) as move:
            waiting = move.instance.listening.filter(kind=kind, name=name)
            if kind == "message":
                waiting = waiting.filter(key__in=["", key])
            tokens = list(waiting.values_list("token", flat=True))
            if not tokens or not_running(move.instance):
                return False
            if kind == "signal":
                move.run.hear(name, values=values)
            else:
                move.run.receive(tokens[0], name=name, values=values)
            passed = move.settle()
            fact = TimePassed(**move.place, cause=kind, passed=passed)
            move.tell(fact)
        return True
    except RunStopped as error:
        if error.code == "gone":
            return False
        with moving(instance_id, by=by, at=at) as move:
            mark_stuck(move, element=error.element, why=" ".join(stopped(error, move=move).messages))
        return False
