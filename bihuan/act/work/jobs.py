"""What the worker does for processes: automatic steps, and the clocks once a minute."""

from collections.abc import Collection, Iterator
from itertools import islice

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.act.work import actions
from bihuan.act.work.actions.automatic import TRIES
from bihuan.act.work.actions.beginning import begin_due
from bihuan.act.work.models import Alarm, InstanceState
from bihuan.base.access import system_actor
from bihuan.base.jobs import Run, job

#: So many instances are looked at before progress is told.
BATCH = 1_000
#: So many change together; a person who completes a step of one of them waits no longer than these take.
TOGETHER = 25


@job("work.automatic", title=gettext_lazy("Do an automatic step"), attempts=TRIES)
def automatic(run: Run, *, item: int) -> None:
    """One automatic step."""
    actions.run_automatic(item_id=item, by=system_actor("processes"), at=run.at)


@job("work.clocks", title=gettext_lazy("Process clocks"), every="* * * * *")
def clocks(run: Run) -> None:
    """Everything that is due, however long the worker stood still."""
    ring_due(run)


@job("work.begin", title=gettext_lazy("Begin processes by time"), every="* * * * *")
def begin(run: Run) -> None:
    """Processes with a timer at their start; of moments that were missed, the latest."""
    started, failed = begin_due(by=system_actor("clock"), at=run.at)
    run.result({"started": started, "failed": failed})


def batched(ids: Collection[int], size: int) -> Iterator[list[int]]:
    """In lists of at most so many."""
    left = iter(ids)
    while some := list(islice(left, size)):
        yield some


def ring_due(run: Run) -> int:
    """How many alarms rang."""
    rung, by = 0, system_actor("clock")
    goes_on = Q(instance__state=InstanceState.RUNNING)
    stands = Q(instance__state=InstanceState.STUCK) & ~Q(kind=Alarm.Kind.TIMER)
    due = Alarm.objects.filter(goes_on | stands, due_at__lte=run.at, asleep=False)
    while True:
        found = list(due.order_by("due_at").values_list("instance_id", flat=True)[:BATCH])
        before = rung
        for some in batched(dict.fromkeys(found), TOGETHER):
            rung += actions.ring_all(instance_ids=some, by=by, at=max(run.at, timezone.now()))
        if rung == before:
            return rung
        run.progress(done=rung)
