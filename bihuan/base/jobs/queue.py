"""The queue: put in, claim by lease, finish, retry with back-off, park, cancel."""

import traceback
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bihuan.base.access.actor import Actor
from bihuan.base.clock import APART
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.registry import kind_of

LEASE = timedelta(minutes=5)
BACK_OFF = (5, 30, 120, 600, 1800)
ATTEMPTS_OF_A_REACTION = 6
S = Job.State


def enqueue(name: str, *, by: Actor, at: datetime, unique_key: str | None = None, **args: Any) -> Job:
    """Put a declared job in the queue; with `unique_key`, a second one while the first waits is that first.

    One that runs already may have read what has changed since, and one that was parked may never run: neither
    stands in the way of a new one.
    """
    kind_of(name)
    values = {
        "name": name,
        "args": args,
        "run_at": at,
        "created_at": at,
        "by_id": by.user_id,
        "by_name": by.name,
    }
    if unique_key is None:
        return Job.objects.create(**values)
    Job.objects.filter(unique_key=unique_key).exclude(state=S.QUEUED).update(unique_key=None)
    row, _new = Job.objects.get_or_create(unique_key=unique_key, defaults=values)
    return row


def claim(*, at: datetime, limit: int = 20) -> list[Job]:
    """Lease up to `limit` due rows, oldest first; a row is leased to one worker until `at` + LEASE."""
    due = Job.objects.filter(state__in=[S.QUEUED, S.RUNNING], run_at__lte=at).order_by("run_at", "id")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        rows = list(due[:limit])
        for row in rows:
            row.state, row.run_at, row.attempts = S.RUNNING, at + LEASE, row.attempts + 1
            row.started_at = row.started_at or at
        Job.objects.bulk_update(rows, ["state", "run_at", "attempts", "started_at"])
    return rows


def mend_dates(*, at: datetime) -> int:
    """Bring back rows that a clock which ran ahead has dated, and which would wait until that time comes; how many.

    Nobody queues for later than now, waits longer than the back-off or leases for longer than LEASE.
    """
    waiting = Job.objects.filter(state=S.QUEUED)
    mended = waiting.filter(created_at__gt=at + APART).update(created_at=at, run_at=at)
    mended += waiting.filter(run_at__gt=at + timedelta(seconds=BACK_OFF[-1]) + APART).update(run_at=at)
    leased = Job.objects.filter(state=S.RUNNING, run_at__gt=at + LEASE + APART)
    return mended + leased.update(run_at=at + LEASE)


def still_leased(*, row: Job) -> bool:
    """Whether this worker still holds the row that it claimed; a lease that ran out while other rows ran is taken
    again, unless another worker has claimed the row since."""
    now = timezone.now()
    if now < row.run_at:
        return True
    ours = Job.objects.filter(pk=row.pk, state=S.RUNNING, attempts=row.attempts)
    return bool(ours.update(run_at=now + LEASE))


def extend_lease(*, row: Job, done: int, total: int | None) -> bool:
    """Keep the lease and the progress; returns whether an operator asked the job to stop."""
    now = timezone.now()
    Job.objects.filter(pk=row.pk, state=S.RUNNING).update(run_at=now + LEASE, done=done, total=total)
    return Job.objects.filter(pk=row.pk, cancel_asked=True).exists()


def finish(*, row: Job, at: datetime) -> None:
    """The work is done; a unique key is free again."""
    Job.objects.filter(pk=row.pk).update(state=S.DONE, ended_at=at, error="", unique_key=None)


def fail(*, row: Job, error: BaseException, at: datetime) -> None:
    """Retry later with back-off; after the last attempt park it where an operator sees it."""
    attempts = ATTEMPTS_OF_A_REACTION
    if row.kind == Job.JOB:
        try:
            attempts = kind_of(row.name).attempts
        except KeyError:
            attempts = 1
    text = "".join(traceback.format_exception(error))[-4000:]
    if row.attempts >= attempts:
        Job.objects.filter(pk=row.pk).update(state=S.PARKED, ended_at=at, error=text, unique_key=None)
        return
    wait = BACK_OFF[min(row.attempts - 1, len(BACK_OFF) - 1)]
    Job.objects.filter(pk=row.pk).update(state=S.QUEUED, run_at=at + timedelta(seconds=wait), error=text)


def retry(*, row: Job, at: datetime) -> bool:
    """Put a parked or cancelled row back in the queue with a fresh count of attempts."""
    return bool(
        Job.objects.filter(pk=row.pk, state__in=[S.PARKED, S.CANCELLED]).update(
            state=S.QUEUED, run_at=at, attempts=0, cancel_asked=False, ended_at=None
        )
    )


def cancel(*, row: Job, at: datetime) -> bool:
    """Stop a waiting row at once; ask a running one to stop at its next report of progress."""
    waiting = Job.objects.filter(pk=row.pk, state=S.QUEUED).update(
        state=S.CANCELLED, cancel_asked=True, ended_at=at, unique_key=None
    )
    return bool(waiting or Job.objects.filter(pk=row.pk, state=S.RUNNING).update(cancel_asked=True))


def cancelled(*, row: Job, at: datetime) -> None:
    """The running job noticed the wish to stop and ended."""
    Job.objects.filter(pk=row.pk).update(state=S.CANCELLED, ended_at=at, unique_key=None)
