"""Deviations 变通: leaving the standard, by those who may, with a reason that is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import HUMAN
from bihuan.act.work.actions.doing import finish, held
from bihuan.act.work.actions.moving import Move, moving, not_running
from bihuan.act.work.events import Deviated, StepClaimed, StepOpened
from bihuan.act.work.models import Deviation, Instance, ItemKind, ItemState, WorkItem
from bihuan.base.access import Actor
from bihuan.know.staff.models import Staff


def skip_step(*, item: WorkItem, reason: str, by: Actor, at: datetime) -> WorkItem:
    """Go on without doing it: nothing is filled in, nothing ticked, nobody votes."""
    with held(item, by=by, at=at) as (move, row):
        _deviate(move, Deviation.Kind.SKIP, element=row.element, reason=reason, item=row)
        return finish(move, row, values={}, skipped=True)


def reassign(
    *, item: WorkItem, reason: str, by: Actor, at: datetime, to: Staff | None = None, role: str = ""
) -> WorkItem:
    """Give it to whoever is not meant to do it: a colleague, or the queue of another role."""
    with held(item, by=by, at=at) as (move, row):
        if (to is None) == (not role):
            raise ValidationError({"to": _("Name a colleague or a role.")})
        _deviate(move, Deviation.Kind.REASSIGN, element=row.element, reason=reason, item=row)
        row.role, row.assignee = role or row.role, to
        row.state, row.claimed_at = (ItemState.CLAIMED, at) if to is not None else (ItemState.OPEN, None)
        row.save(update_fields=["role", "assignee", "state", "claimed_at"])
        given = StepClaimed(**move.of_item(row), assignee_id=None if to is None else to.pk, given_by=by.name)
        move.tell(given)
        return row


def add_step(
    *, instance: Instance, name: str, reason: str, by: Actor, at: datetime, role: str = "", to: Staff | None = None,
    due_at: datetime | None = None,
) -> WorkItem:  # fmt: skip
    """A step that the drawing does not have, beside what goes on; the process does not wait for it."""
    with _going(instance, by=by, at=at) as move:
        if not name.strip() or (to is None) == (not role):
            raise ValidationError({"name": _("Say what is to be done, and by whom: a colleague or a role.")})
        row = WorkItem.objects.create(
            instance=move.instance, kind=ItemKind.EXTRA, name=name.strip()[:200], account_id=move.instance.account_id,
            role=role,
            assignee=to, state=ItemState.OPEN if to is None else ItemState.CLAIMED, opened_at=at, due_at=due_at,
            claimed_at=None if to is None else at,
        )  # fmt: skip
        _deviate(move, Deviation.Kind.ADD, element="", reason=reason, item=row)
        opened = StepOpened(**move.of_item(row), assignee_id=row.assignee_id)
        move.tell(opened)
        return row


def do_ahead(*, instance: Instance, element: str, reason: str, by: Actor, at: datetime) -> WorkItem:
    """Do a later step now; when its turn comes it is passed with what was done. ValidationError unless a person does it and it
    lies ahead."""
    with _going(instance, by=by, at=at) as move:
        node = move.diagram.nodes.get(element)
        if node is None or node.kind not in HUMAN or node.parent or node.many:
            raise ValidationError({"element": _("This step cannot be done ahead.")})
        if move.instance.items.filter(element=element).exclude(state=ItemState.WITHDRAWN).exists():
            raise ValidationError({"element": _("This step was reached already.")})
        row = WorkItem.objects.create(
            instance=move.instance, element=element, kind=ItemKind.STEP, name=(node.name.text or node.id)[:200],
            name_zh=node.name.zh[:200], account_id=move.instance.account_id, role=node.work.role, opened_at=at,
            assignee_id=by.user_id, state=ItemState.CLAIMED, claimed_at=at,
        )  # fmt: skip
        _deviate(move, Deviation.Kind.AHEAD, element=element, reason=reason, item=row)
        move.tell(StepOpened(**move.of_item(row), assignee_id=row.assignee_id))
        return row


@transaction.atomic
def review_deviation(*, deviation: Deviation, review: str, by: Actor, at: datetime) -> Deviation:
    """Somebody has looked at it; ValidationError when somebody has before."""
    row: Deviation = Deviation.objects.select_for_update().get(pk=deviation.pk)
    if row.reviewed_at is not None:
        raise ValidationError({"review": _("%(who)s has reviewed this.") % {"who": row.reviewed_by_name}})
    row.reviewed_at, row.reviewed_by_name, row.review = at, by.name, review.strip()[:500]
    row.save()
    return row


@contextmanager
def _going(instance: Instance, *, by: Actor, at: datetime) -> Iterator[Move]:
    with moving(instance.pk, by=by, at=at) as move:
        why = not_running(move.instance)
        if why:
            raise ValidationError({"state": why})
        yield move


def _deviate(move: Move, kind: Deviation.Kind, *, element: str, reason: str, item: WorkItem) -> Deviation:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the standard does not fit here.")})
    row = Deviation.objects.create(
        instance=move.instance, item=item, kind=kind, element=element, reason=reason.strip()[:500], by_id=move.by.user_id,
        by_name=move.by.name, at=move.at,
    )  # fmt: skip
    fact = Deviated(**move.place, item_id=item.pk, element=element, kind=str(kind), reason=row.reason)
    move.tell(fact)
    return row
