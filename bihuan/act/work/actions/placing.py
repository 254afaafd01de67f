"""On whose bench a step lands, and which clocks run beside it."""

from datetime import datetime
from typing import Any

from bihuan.act.bpmn.diagram import Work
from bihuan.act.work.clocks import due_of
from bihuan.act.work.models import Alarm, Instance, WorkItem
from bihuan.know.absences.queries import away, present_for
from bihuan.know.accounts.models import Account, AccountTeam
from bihuan.know.staff.models import Staff


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


def serves(staff: Staff, *, account_id: int | None) -> bool:
    """Whether somebody's territory holds the customer."""
    return account_id is None or Account.objects.visible_to(staff.actor()).filter(pk=account_id).exists()


def stand_in(item: WorkItem, *, at: datetime) -> int | None:
    """The number of the absence when whoever the item is meant for is away: it is meant for their deputy now, who has the role
    and serves the customer, else for the queue of the role. None, and nothing is changed, when they are there, or when there
    is neither a deputy who fits nor a queue."""
    meant = item.assignee_id
    if meant is None:
        return None
    place = present_for(meant, at=at)
    if place.absence_id is None:
        return None
    deputy = None if place.staff_id is None else Staff.objects.get(pk=place.staff_id)
    fits = deputy is not None and (not item.role or item.role in deputy.roles)
    if deputy is not None and fits and serves(deputy, account_id=item.account_id):
        item.assignee_id = deputy.pk
    elif item.role:
        item.assignee_id = None
    else:
        return None
    return place.absence_id


def deputy_of_role(role: str, *, account_id: int | None, at: datetime) -> tuple[int, int, int] | None:
    """(the deputy, whom they stand in for, the number of the absence) when everybody who has a role and serves the customer is
    away; None when somebody is there, or nobody has the role or a deputy."""
    rows = [one for one in Staff.objects.filter(is_active=True).order_by("pk") if role in one.roles]
    theirs = [one for one in rows if serves(one, account_id=account_id)]
    gone = away([one.pk for one in theirs], at=at)
    if not theirs or any(one.pk not in gone for one in theirs):
        return None
    for one in theirs:
        place = present_for(one.pk, at=at)
        if place.staff_id is not None and place.absence_id is not None:
            return place.staff_id, one.pk, place.absence_id
    return None


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
