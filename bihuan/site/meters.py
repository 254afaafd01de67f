"""What /metrics tells about records, jobs, the event store and the disk; and whether this process is ready."""

import shutil

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from bihuan.base.clock import is_set
from bihuan.base.jobs.models import Job
from bihuan.base.meters import Values, gauge
from bihuan.capture.sources.queries import silent_sources
from bihuan.capture.store import StoreError, get_store
from bihuan.know.accounts.models import Account, Person

ROOM = 256 * 2**20


@gauge("bihuan_records", "Rows by noun.", labels=("noun",))
def records() -> Values:
    """Accounts and people."""
    return {("accounts",): Account.objects.count(), ("people",): Person.objects.count()}


@gauge("bihuan_jobs", "Jobs and reactions by state.", labels=("state",))
def jobs() -> Values:
    """Every state that has rows, and always those that somebody should look at."""
    found = dict(Job.objects.values_list("state").annotate(n=Count("pk")).values_list("state", "n"))
    return {(state,): found.get(state, 0) for state in ("queued", "running", "parked", *sorted(found))}


@gauge(
    "bihuan_store",
    "The event store: rows of the index, groups it is behind, damaged groups.",
    labels=("what",),
)
def store() -> Values:
    """Of this process; what it does not own it does not know."""
    status = get_store().status()
    return {("rows",): status.rows, ("behind",): status.behind, ("damaged",): status.damaged_groups,
            ("head_seq",): status.head_seq, ("set_aside",): len(status.set_aside)}  # fmt: skip


@gauge(
    "bihuan_source_silent_seconds",
    "How long a source that used to send has been quiet, beyond what is usual.",
    labels=("source",),
)
def silences() -> Values:
    """Those that are silent now."""
    now = timezone.now()
    return {(one.code,): (now - one.since).total_seconds() for one in silent_sources(at=now)}


@gauge("bihuan_disk_free_bytes", "Free bytes where BIHUAN_HOME lies.")
def disk() -> Values:
    """One number."""
    return {(): shutil.disk_usage(settings.BIHUAN_HOME).free}


def not_ready() -> dict[str, str]:
    """What keeps this process from its work, by part, in words; empty when it is ready."""
    found: dict[str, str] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        found["records"] = f"The record database does not answer: {type(error).__name__}."
    try:
        status = get_store().status()
        if status.state == "rebuilding":
            found["events"] = (
                f"The event index is being made again: {status.applied_seq} of {status.head_seq} groups."
            )
    except (StoreError, OSError) as error:
        found["events"] = str(error)
    if not is_set(at=timezone.now()):
        found["clock"] = "The clock of this machine stands before the year 2000: set it."
    if disk()[()] < ROOM:
        found["disk"] = "Less than 256 MiB are free: make room."
    return found
