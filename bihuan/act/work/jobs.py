"""What the worker does for processes: automatic steps, and the clocks once a minute."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.act.work import actions
from bihuan.act.work.actions.automatic import TRIES
from bihuan.act.work.models import Alarm, InstanceState
from bihuan.base.access import system_actor
from bihuan.base.jobs import Run, job

#: So many instances are looked at before progress is told.
BATCH = 200


@job("work.automatic", title=gettext_lazy("Do an automatic step"), attempts=TRIES)
def automatic(run: Run, *, item: int) -> None:
    """One automatic step."""
    actions.run_automatic(item_id=item, by=system_actor("processes"), at=run.at)


@job("work.clocks", title=gettext_lazy("Process clocks"), every="* * * * *")
def clocks(run: Run) -> None:
    """Everything that is due, however long the worker stood still."""
    ring_due(run)


def ring_due(run: Run) -> int:
    """How many alarms rang."""
    rung, by = 0, system_actor("clock")
    goes_on = Q(instance__state=InstanceState.RUNNING)
    stands = Q(instance__state=InstanceState.STUCK) & ~Q(kind=Alarm.Kind.TIMER)
    due = Alarm.objects.filter(goes_on | stands, due_at__lte=run.at, asleep=False)
    while True:
        found = list(due.order_by("due_at").values_list("instance_id", flat=True)[:BATCH])
        before = rung
        for instance in dict.fromkeys(found):
            rung += actions.ring(instance_id=instance, by=by, at=max(run.at, timezone.now()))
        if rung == before:
            return rung
        run.progress(done=rung)
