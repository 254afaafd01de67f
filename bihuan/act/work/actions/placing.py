"""On whose bench a step lands, and which clocks run beside it."""

from datetime import datetime
from typing import Any

from bihuan.act.bpmn.diagram import Work
from bihuan.act.work.clocks import due_of
from bihuan.act.work.models import Alarm, Instance, WorkItem
from bihuan.know.accounts.models import AccountTeam


def assignee_of(work: Work, *, instance: Instance) -> int | None:
    """The bench that the drawing names; None for the queue of the role, and when nobody fits who is still with us."""
    if work.assign == "starter":
        found = instance.started_by_id
    elif work.assign == "owner" and instance.account_id is not None:
        owner = AccountTeam.objects.filter(account=instance.account_id, is_owner=True, staff__is_active=True)
        found = owner.values_list("staff_id", flat=True).first()
    elif work.assign.startswith("same:"):
        step = work.assign.removeprefix("same:")
        done = instance.items.filter(element=step, done_by__is_active=True).order_by("-done_at")
        found = done.values_list("done_by_id", flat=True).first()
    else:
        found = None
    return found


def due_for(work: Work, *, item: WorkItem, at: datetime) -> datetime | None:
    """When the item is due; None without a time limit."""
    return due_of(work.limit, start=at, account_id=item.account_id, role=item.role, calendar=work.calendar)


def alarms_of(work: Work, *, item: WorkItem) -> list[Alarm]:
    """Reminder, breach and escalation of an item that has a due time."""
    if item.due_at is None:
        return []
    rows = [_alarm(item, Alarm.Kind.OVERDUE, item.due_at)]
    where: dict[str, Any] = {"account_id": item.account_id, "role": item.role, "calendar": work.calendar}
    if work.remind:
        before = due_of(work.remind, start=item.due_at, back=True, **where)
        rows.append(_alarm(item, Alarm.Kind.REMIND, max(before or item.due_at, item.opened_at)))
    if work.escalate_to:
        after = due_of(work.escalate_after, start=item.due_at, **where)
        rows.append(_alarm(item, Alarm.Kind.ESCALATE, after or item.due_at))
    return rows


def _alarm(item: WorkItem, kind: str, due: datetime) -> Alarm:
    return Alarm(instance_id=item.instance_id, item=item, kind=kind, element=item.element, due_at=due)
