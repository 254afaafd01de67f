"""Messages and signals reach the instances that wait for them, and start the processes that begin with them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from bihuan.act.bpmn.running import RunStopped
from bihuan.act.work.actions.filling import stopped
from bihuan.act.work.actions.moving import moving, not_running
from bihuan.act.work.actions.starting import start_process
from bihuan.act.work.actions.stuck import mark_stuck
from bihuan.act.work.events import TimePassed
from bihuan.act.work.models import Heard, Instance, Listening
from bihuan.act.work.queries import begun_by
from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account


def deliver_message(
    *, name: str, key: str, values: Mapping[str, Any], by: Actor, at: datetime, once: str = "", account: Account | None = None
) -> list[int]:  # fmt: skip
    """The ids of the instances that took it: every one that waits for the name with this key, or with any; and of those that it
    started. With `once`, the sender's own name for the message, a second delivery has no effect."""
    waiting = Listening.objects.filter(Q(key="") | Q(key=key), kind="message", name=name)
    found = [pk for pk in _instances(waiting) if _heard(pk, "message", name, key, values, once, by=by, at=at)]
    return found + _started("message", name, values, once, account, by=by, at=at)


def deliver_signal(
    *,
    name: str,
    values: Mapping[str, Any],
    by: Actor,
    at: datetime,
    once: str = "",
    account: Account | None = None,
) -> list[int]:
    """The ids of the instances that heard it: every one that waits for the name; and of those that it started."""
    waiting = Listening.objects.filter(kind="signal", name=name)
    found = [pk for pk in _instances(waiting) if _heard(pk, "signal", name, "", values, once, by=by, at=at)]
    return found + _started("signal", name, values, once, account, by=by, at=at)


def _instances(waiting: Any) -> list[int]:
    return sorted(set(waiting.values_list("instance_id", flat=True)))


def _started(
    kind: str,
    name: str,
    values: Mapping[str, Any],
    once: str,
    account: Account | None,
    *,
    by: Actor,
    at: datetime,
) -> list[int]:
    """Processes that begin with it; one instance for each delivery, known by its name."""
    found = []
    for process in begun_by(kind, name):
        mark = f"{kind}:{once}" if once else ""
        if mark and Heard.objects.filter(instance__process=process, once=mark).exists():
            continue
        instance = start_process(process=process, values=values, account=account, by=by, at=at, once=mark)
        found.append(instance.pk)
    return found


def _heard(
    instance_id: int, kind: str, name: str, key: str, values: Mapping[str, Any], once: str, *, by: Actor, at: datetime
) -> bool:  # fmt: skip
    """In a transaction of its own: one instance that cannot go on does not keep the others from hearing."""
    try:
        with moving(instance_id, by=by, at=at) as move:
            waiting = move.instance.listening.filter(kind=kind, name=name)
            if kind == "message":
                waiting = waiting.filter(key__in=["", key])
            tokens = list(waiting.values_list("token", flat=True))
            if not tokens or not_running(move.instance) or not _first_time(move.instance, once, at):
                return False
            if kind == "signal":
                move.run.hear(name, values=values)
            else:
                move.run.receive(tokens[0], name=name, values=values)
            passed = move.settle()
            move.tell(TimePassed(**move.place, cause=kind, passed=passed))
        return True
    except RunStopped as error:
        if error.code == "gone":
            return False
        with moving(instance_id, by=by, at=at) as move:
            mark_stuck(move, element=error.element, why=" ".join(stopped(error, move=move).messages))
        return False


def _first_time(instance: Instance, once: str, at: datetime) -> bool:
    """Whether this delivery is the first; the instance is held."""
    if not once:
        return True
    _row, new = Heard.objects.get_or_create(instance=instance, once=once, defaults={"at": at})
    return new
