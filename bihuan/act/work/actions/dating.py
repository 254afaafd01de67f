"""An item is due on another day than its step says."""

from datetime import datetime

from django.db.models import F

from bihuan.act.work.actions.doing import held
from bihuan.act.work.events import StepDueChanged
from bihuan.act.work.models import Alarm, WorkItem
from bihuan.base.access import Actor


def due_by(*, item: WorkItem, due_at: datetime, by: Actor, at: datetime) -> WorkItem:
    """Let it be due then; what reminds of it and what tells that it is late move with it. TakenAlready when it
    waits no more."""
    with held(item, by=by, at=at) as (move, row):
        before = row.due_at
        if before == due_at:
            return row
        row.due_at = due_at
        row.save(update_fields=["due_at"])
        if before is None:
            Alarm.objects.create(
                instance=row.instance, item=row, kind=Alarm.Kind.OVERDUE, element=row.element, due_at=due_at
            )
        else:
            row.alarms.update(due_at=F("due_at") + (due_at - before))
        move.tell(StepDueChanged(**move.of_item(row), due_at=due_at.isoformat()))
        return row
