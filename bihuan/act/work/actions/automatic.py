"""Automatic steps are run by the worker: what a step writes and that it is done are one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.bpmn.running import RunStopped
from bihuan.act.bpmn.running.expressions import value_of
from bihuan.act.work.actions.doing import finish
from bihuan.act.work.actions.moving import Move, moving, not_running
from bihuan.act.work.actions.stuck import mark_stuck
from bihuan.act.work.automatic import Around, StepFailed, automatic_steps
from bihuan.act.work.models import Instance, InstanceState, ItemKind, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor
from bihuan.base.jobs import enqueue
from bihuan.base.rules import RuleError

#: So often a step that fails is tried before its error event, or somebody, has to take it up.
TRIES = 5


def run_automatic(*, item_id: int, by: Actor, at: datetime) -> bool:
    """Run the step of one item; whether it is done. An item that is done, or that does not wait any more, is passed over: a
    second run has no effect. Raises what the step raised while there are tries left."""
    try:
        return _run(item_id, by=by, at=at)
    except (StepFailed, ValidationError, RuleError, ValueError) as error:
        if _tried(item_id) < TRIES:
            raise
        _give_up(item_id, error, by=by, at=at)
        return False


def _run(item_id: int, *, by: Actor, at: datetime) -> bool:
    with _held(item_id, by=by, at=at) as (move, item):
        if move is None or item is None:
            return False
        step = move.node(item.element).step
        known = automatic_steps().get(step.name) if step else None
        if step is None or known is None:
            text = _("There is no automatic step “%(name)s”.")
            raise StepFailed("unknown", text % {"name": step.name if step else ""})
        token = next(one for one in move.run.tokens() if one.id == item.token)
        inputs = {name: value_of(text, token.values) for name, text in step.inputs.items() if text}
        around = Around(
            by=by, at=at, instance_id=move.instance.pk, account_id=move.instance.account_id, once=f"work:{item.pk}"
        )  # fmt: skip
        results = dict(known.run(around=around, **inputs))
        named = {name: results.get(text.strip() or name) for name, text in step.outputs.items()}
        finish(move, item, values={name: value for name, value in named.items() if value is not None})
        return True


@contextmanager
def _held(item_id: int, *, by: Actor, at: datetime) -> Iterator[tuple[Move | None, WorkItem | None]]:
    """(the instance held, the item), the item None when there is nothing to run."""
    found = WorkItem.objects.filter(pk=item_id).values_list("instance_id", flat=True).first()
    if found is None:
        yield None, None
        return
    with moving(found, by=by, at=at) as move:
        item = next((one for one in move.items if one.pk == item_id), None)
        ready = item is not None and item.kind == ItemKind.AUTOMATIC and item.state in WAITING
        yield move, item if ready and not not_running(move.instance) else None


def _tried(item_id: int) -> int:
    with transaction.atomic():
        item: WorkItem = WorkItem.objects.select_for_update().get(pk=item_id)
        item.tries += 1
        item.save(update_fields=["tries"])
    return item.tries


def _give_up(item_id: int, error: Exception, *, by: Actor, at: datetime) -> None:
    """The error event on the step takes it up; without one the instance is stuck there."""
    why = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    code = error.code if isinstance(error, StepFailed) else "failed"
    try:
        with _held(item_id, by=by, at=at) as (move, item):
            if move is None or item is None:
                return
            if move.run.fail(item.token, code=code, values={"error": why[:500]}):
                move.settle()
                return
            mark_stuck(move, element=item.element, why=why)
    except RunStopped as stop:
        with _held(item_id, by=by, at=at) as (move, item):
            if move is not None and item is not None:
                mark_stuck(move, element=item.element, why=f"{why}; {stop}")


def try_again(*, instance: Instance, by: Actor, at: datetime) -> Instance:
    """The cause was mended: an instance that was stuck goes on where it stood."""
    with moving(instance.pk, by=by, at=at) as move:
        row = move.instance
        if row.state != InstanceState.STUCK:
            raise ValidationError({"state": _("It is not stuck.")})
        row.state, row.stuck_at, row.stuck_why = InstanceState.RUNNING, "", ""
        row.save()
        for item in row.items.filter(kind=ItemKind.AUTOMATIC, state__in=WAITING):
            item.tries = 0
            item.save(update_fields=["tries"])
            enqueue("work.automatic", by=by, at=at, item=item.pk)
        try:
            move.run.advance()
            move.settle()
        except RunStopped as error:
            mark_stuck(move, element=error.element, why=str(error))
        return row
