"""What those who answer for a process do with an instance: pause, resume, cancel, move to another version."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.act.bpmn.running import RunStopped
from bihuan.act.bpmn.running.migrating import cannot_move, moved_to
from bihuan.act.processes.models import State, Version
from bihuan.act.processes.queries import compiled_of
from bihuan.act.work.actions.filling import stopped
from bihuan.act.work.actions.moving import Move, moving, not_running
from bihuan.act.work.clocks import due_of, spent, surroundings
from bihuan.act.work.events import ProcessMoved, ProcessPaused
from bihuan.act.work.models import Instance, InstanceState, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor


def pause(*, instance: Instance, reason: str, by: Actor, at: datetime) -> Instance:
    """Stop every clock of it, with a reason; nothing can be done in it until it is resumed."""
    with moving(instance.pk, by=by, at=at) as move:
        row = move.instance
        why = not_running(row)
        if why:
            raise ValidationError({"state": why})
        if not reason.strip():
            raise ValidationError({"reason": _("Say what it waits for.")})
        for item in row.items.filter(state__in=WAITING, due_at__isnull=False):
            left = spent(start=at, end=item.due_at or at, **_where(move, item))
            item.left_seconds = int(left.total_seconds())
            item.save(update_fields=["left_seconds"])
        row.alarms.update(asleep=True)
        row.state, row.paused_at, row.stuck_why = InstanceState.PAUSED, at, reason.strip()[:500]
        row.save()
        move.tell(ProcessPaused(**move.place, paused=True, reason=reason.strip()))
        return row


def resume(*, instance: Instance, by: Actor, at: datetime) -> Instance:
    """Let the clocks go on: what was left of each time limit is left again, and timers fire as much later as it stood still."""
    with moving(instance.pk, by=by, at=at) as move:
        row = move.instance
        if row.state != InstanceState.PAUSED or row.paused_at is None:
            raise ValidationError({"state": _("It is not paused.")})
        stood = at - row.paused_at
        for item in row.items.filter(state__in=WAITING, left_seconds__isnull=False):
            _go_on(move, item, at=at)
        row.alarms.update(asleep=False)
        _delay_tokens(move, stood)
        row.state, row.paused_at, row.stuck_why = InstanceState.RUNNING, None, ""
        row.save()
        move.tell(ProcessPaused(**move.place, paused=False))
        return row


def _where(move: Move, item: WorkItem) -> dict[str, Any]:
    calendar = move.node(item.element).work.calendar if item.element else ""
    return {"account_id": item.account_id, "role": item.role, "calendar": calendar}


def _go_on(move: Move, item: WorkItem, *, at: datetime) -> None:
    """The item's due time from what was left of it, and its alarms by as much."""
    before = item.due_at
    item.due_at = (
        due_of(f"{item.left_seconds / 60:.4f}m", start=at, **_where(move, item)) if item.left_seconds else at
    )
    item.left_seconds = None
    item.save(update_fields=["due_at", "left_seconds"])
    later = (item.due_at or at) - (before or at)
    item.alarms.update(due_at=F("due_at") + later)


def _delay_tokens(move: Move, stood: timedelta) -> None:
    move.run.delay(stood)
    move.settle()


def cancel_instance(*, instance: Instance, reason: str, by: Actor, at: datetime) -> Instance:
    """End it: every item is withdrawn. ValidationError without a reason, and when it has ended."""
    with moving(instance.pk, by=by, at=at) as move:
        if move.instance.ended_at is not None:
            raise ValidationError({"state": _("The process has ended.")})
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it ends here.")})
        move.close(why=reason.strip()[:500])
        return move.instance


def change_version(*, instance: Instance, to: Version, by: Actor, at: datetime) -> Instance:
    """Go on on another version of the same process. ValidationError names the steps where it stands that the other version does
    not have or has as something else; nothing is changed then."""
    with moving(instance.pk, by=by, at=at) as move:
        row, before = move.instance, move.instance.version.number
        if to.process_id != row.process_id or to.state == State.DRAFT:
            raise ValidationError({"version": _("Choose a published version of the same process.")})
        if row.ended_at is not None:
            raise ValidationError({"state": _("The process has ended.")})
        other = compiled_of(to.pk)
        missing = cannot_move(move.run, other)
        if missing:
            language = get_language() or ""
            named = [node.named(language) if (node := move.node(one)) else one for one in missing]
            text = _("Version %(n)s has no place for where it stands: %(steps)s.")
            raise ValidationError({"version": text % {"n": to.number, "steps": ", ".join(named)}})
        around = surroundings(version_id=to.pk, account_id=row.account_id, at=at)
        try:
            move.go_on_with(other, moved_to(move.run, other, surroundings=around))
            row.version = to
            move.settle()
        except RunStopped as error:
            raise stopped(error, move=move) from None
        move.tell(ProcessMoved(**move.place, before=before))
        return row
