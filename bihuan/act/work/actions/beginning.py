"""Processes that begin by themselves: each due moment starts one instance, once; of several that were missed, the latest."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from bihuan.act.bpmn.beginning import last_due, timer_of
from bihuan.act.bpmn.running import CompileRefused
from bihuan.act.bpmn.spans import SpanError
from bihuan.act.processes.models import Process, State, Version
from bihuan.act.processes.queries import compiled_of
from bihuan.act.work.actions.starting import start_process
from bihuan.act.work.clocks import calendar_of
from bihuan.act.work.models import Heard, Instance
from bihuan.base.access import Actor


def begin_due(*, by: Actor, at: datetime) -> tuple[list[int], dict[str, str]]:
    """(the instances that were started, why a process could not be started by its key). One that could not is tried again the
    next time, until its next moment comes; no other one waits for it."""
    started, failed = [], {}
    rows = Version.objects.filter(
        state=State.PUBLISHED, process__in=Process.objects.startable()
    ).select_related("process")
    for version in rows.filter(published_at__lt=at).order_by("pk"):
        try:
            if timer_of(compiled_of(version.pk).diagram) is None:
                continue
            instance = _begin(version.process_id, by=by, at=at)
        except ValidationError as error:
            failed[version.process.key] = " ".join(error.messages)
        except (SpanError, CompileRefused) as error:
            failed[version.process.key] = str(error)
        else:
            started += [] if instance is None else [instance.pk]
    return started, failed


@transaction.atomic
def _begin(process_id: int, *, by: Actor, at: datetime) -> Instance | None:
    """The lock is the process: of two that look at once, the second finds what the first has started."""
    process = Process.objects.select_for_update().get(pk=process_id)
    version = process.versions.filter(state=State.PUBLISHED).first()
    if version is None or version.published_at is None or process.retired_at is not None:
        return None
    timer = timer_of(compiled_of(version.pk).diagram)
    if timer is None:
        return None
    calendar = calendar_of(timer.calendar, account_id=None, role="")
    due = last_due(timer, since=version.published_at, at=at, calendar=calendar)
    if due is None:
        return None
    mark = f"timer:{due.name}"
    if Heard.objects.filter(instance__process=process, once=mark).exists():
        return None
    return start_process(process=process, by=by, at=at, once=mark)
