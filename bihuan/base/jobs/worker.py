"""The worker: plans what the schedule says, claims what is due, runs it, and never dies of one job's error."""

import logging
import threading
import time
from datetime import datetime, timedelta

from django.db import close_old_connections, connection
from django.db.models import Max
from django.utils import timezone

from bihuan.base.access.actor import system_actor
from bihuan.base.bus.outbox import deliver, reactions
from bihuan.base.clock import APART, is_set
from bihuan.base.jobs import queue
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.registry import job_kinds, kind_of, next_time
from bihuan.base.jobs.run import Cancelled, Run

log = logging.getLogger(__name__)
KEEP_DONE = timedelta(days=14)
PLAN_SECONDS = 20


def plan(*, at: datetime) -> int:
    """Queue each scheduled job once for its last due time, however long the worker stood still; not while it still
    waits or runs."""
    queue.mend_dates(at=at)
    planned = 0
    local = timezone.localtime(at)
    scheduled = [kind for kind in job_kinds().values() if kind.every]
    last = dict(
        Job.objects.filter(name__in=[kind.name for kind in scheduled], kind=Job.JOB, by_name="schedule")
        .filter(created_at__lte=at + APART)
        .values_list("name")
        .annotate(Max("created_at"))
    )
    for kind in scheduled:
        before = timezone.localtime(last.get(kind.name, at - timedelta(days=1)))
        if next_time(every=kind.every or "", after=before) <= local:
            key = f"schedule:{kind.name}"
            if not Job.objects.filter(unique_key=key).exists():
                queue.enqueue(kind.name, by=system_actor("schedule"), at=at, unique_key=key)
                planned += 1
    return planned


def run_due(*, at: datetime, limit: int = 20) -> int:
    """Run what is due now; returns how many rows were taken."""
    rows = queue.claim(at=at, limit=limit)
    for row in rows:
        if queue.still_leased(row=row):
            run_one(row=row, at=max(at, timezone.now()))
    return len(rows)


def run_one(*, row: Job, at: datetime) -> None:
    """One attempt at one row; its error is kept with it, never raised."""
    try:
        if row.cancel_asked:
            raise Cancelled
        if row.kind == Job.REACTION:
            if row.name not in reactions():
                raise LookupError(f"no app registers the reaction {row.name!r} any more")
            deliver(name=row.name, fact_id=row.args["fact"], attempt=row.attempts)
        else:
            kind_of(row.name).function(Run(row=row, at=at), **row.args)
    except Cancelled:
        queue.cancelled(row=row, at=timezone.now())
    except Exception as error:
        log.warning("job %s (%s) failed, attempt %s: %s", row.pk, row.name, row.attempts, error)
        queue.fail(row=row, error=error, at=timezone.now())
    else:
        queue.finish(row=row, at=timezone.now())


def drain(*, at: datetime, limit: int = 10_000) -> int:
    """Run until nothing is due (tests, commands); returns how many rows ran."""
    ran = 0
    while ran < limit and (took := run_due(at=at)):
        ran += took
    return ran


class Worker(threading.Thread):
    """The background thread of the serving process (or the only thread of a worker process)."""

    def __init__(self, *, idle_seconds: float = 0.5) -> None:
        super().__init__(name="worker", daemon=True)
        self.idle_seconds = idle_seconds
        self.stopping = threading.Event()

    def run(self) -> None:
        """Loop until stopped: plan every twenty seconds, run what is due, rest when idle or without a sound clock."""
        next_plan = time.monotonic()
        while not self.stopping.is_set():
            try:
                now = timezone.now()
                sound = is_set(at=now)
                if sound and time.monotonic() >= next_plan:
                    plan(at=now)
                    next_plan = time.monotonic() + PLAN_SECONDS
                if not sound or not run_due(at=now):
                    self.stopping.wait(self.idle_seconds)
            except Exception:
                log.exception("the worker could not take work; trying again in five seconds")
                close_old_connections()
                self.stopping.wait(5)
        connection.close()

    def stop(self, *, wait: float = 10) -> None:
        """Finish the current job, then end."""
        self.stopping.set()
        self.join(wait)
