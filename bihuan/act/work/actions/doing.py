"""What a person does with an item: take it, give it, put it back, tick its list, complete it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import Node
from bihuan.act.bpmn.running import RunStopped
from bihuan.act.bpmn.running.expressions import value_of
from bihuan.act.work.actions.filling import filled, stopped
from bihuan.act.work.actions.moving import Move, moving, not_running, silence_item
from bihuan.act.work.actions.picking import picked
from bihuan.act.work.actions.placing import serves
from bihuan.act.work.actions.talking import no_strays
from bihuan.act.work.clocks import spent
from bihuan.act.work.effort import MOST_MINUTES, effort_seconds, usual_effort
from bihuan.act.work.events import StepClaimed, StepDone, StepReturned
from bihuan.act.work.models import ItemState, Tick, WorkItem
from bihuan.act.work.models.items import WAITING, ItemKind
from bihuan.act.work.rules import approval_of
from bihuan.base.access import Actor, Role
from bihuan.base.rows import update_row
from bihuan.base.rules import RuleError
from bihuan.know.absences.queries import absence_of
from bihuan.know.staff.models import Staff


class TakenAlready(ValidationError):
    """Somebody was quicker; the message says who and when."""


@contextmanager
def held(item: WorkItem, *, by: Actor, at: datetime) -> Iterator[tuple[Move, WorkItem]]:
    """One transaction with the item and its instance held. TakenAlready when the item waits no more; ValidationError when the
    instance does not go on."""
    with moving(item.instance_id, by=by, at=at) as move:
        row = next((one for one in move.items if one.pk == item.pk), None)
        if row is None or row.state not in WAITING:
            raise TakenAlready({"state": _gone(WorkItem.objects.get(pk=item.pk))})
        why = not_running(move.instance)
        if why:
            raise ValidationError({"state": why})
        yield move, row


def _gone(row: WorkItem) -> str:
    """Why an item does not wait any more."""
    texts = {
        ItemState.DONE: _("%(who)s has done this already."),
        ItemState.SKIPPED: _("%(who)s has skipped this already."),
        ItemState.WITHDRAWN: _("This step does not wait any more; the process went on without it."),
    }
    return texts[ItemState(row.state)] % {"who": row.done_by_name or _("Somebody")}


class NotTheirs(ValidationError):
    """It lies on somebody else's bench, or waits for another role."""


def check_theirs(item: WorkItem, *, by: Actor, outside: bool = False) -> None:
    """NotTheirs unless it lies on the actor's bench or in one of their queues; what waits for a customer is everybody's of us
    to pass on (`outside`)."""
    if outside and item.role == "customer" and by.may("work.see"):
        return
    if by.kind == "system" or by.may("work.manage") or item.assignee_id == by.user_id is not None:
        return
    if item.assignee_id is not None:
        raise NotTheirs({"state": _("This lies on somebody else's bench.")})
    if item.role not in {str(role) for role in by.roles}:
        raise NotTheirs({"state": _("This waits for another role.")})


def claim(*, item: WorkItem, by: Actor, at: datetime) -> WorkItem:
    """Take it on one's own bench; TakenAlready when somebody else has it."""
    with held(item, by=by, at=at) as (move, row):
        if row.assignee_id == by.user_id:
            return row
        if row.assignee_id is not None:
            raise TakenAlready({"state": _("%(who)s has taken this.") % {"who": row.assignee}})
        check_theirs(row, by=by)
        _to(row, staff_id=by.user_id, at=at)
        move.tell(StepClaimed(**move.of_item(row), assignee_id=by.user_id))
        return row


def knows(by: Actor, who: Staff) -> bool:
    """Whether somebody may be told that a colleague is there: those from outside know each other only."""
    return by.kind == "system" or by.may("staff.view") or bool({*by.roles} & {*who.roles})


def delegate(*, item: WorkItem, to: Staff, by: Actor, at: datetime, note: str = "") -> WorkItem:
    """Give what lies on one's own bench to a colleague who may do it."""
    with held(item, by=by, at=at) as (move, row):
        check_theirs(row, by=by)
        if not knows(by, to):
            raise ValidationError({"to": _("There is no such colleague.")})
        if not to.is_active:
            raise ValidationError({"to": _("%(who)s cannot sign in any more.") % {"who": to}})
        if row.role and row.role not in to.roles and not by.may("work.manage"):
            raise ValidationError({"to": _("%(who)s does not have the role of this step.") % {"who": to}})
        gone = absence_of(to.pk, at=at)
        if gone is not None and to.pk != by.user_id:
            raise ValidationError(
                {"to": _("%(who)s is away until %(day)s.") % {"who": to, "day": gone.last_day.isoformat()}}
            )
        if not serves(to, account_id=row.account_id):
            raise ValidationError({"to": _("%(who)s does not serve this customer.") % {"who": to}})
        _to(row, staff_id=to.pk, at=at)
        move.tell(StepClaimed(**move.of_item(row), assignee_id=to.pk, given_by=by.name))
        return row


def give_back(*, item: WorkItem, by: Actor, at: datetime, note: str = "") -> WorkItem:
    """Put it back into the queue of its role; ValidationError for one that nobody has or that has no queue."""
    with held(item, by=by, at=at) as (move, row):
        check_theirs(row, by=by)
        if row.assignee_id is None:
            raise ValidationError({"state": _("Nobody has this.")})
        if not row.role:
            raise ValidationError(
                {"state": _("This step has no queue to go back to; give it to a colleague.")}
            )
        row.assignee, row.state, row.claimed_at = None, ItemState.OPEN, None
        row.save(update_fields=["assignee", "state", "claimed_at"])
        move.tell(StepReturned(**move.of_item(row), note=note))
        return row


def put_where_it_was(
    *, item: WorkItem, before: int | None, after: int | None, by: Actor, at: datetime
) -> WorkItem:
    """Undo a move from the bench (or queue) `before` to `after`; ValidationError when it lies elsewhere by now."""
    with held(item, by=by, at=at) as (move, row):
        if row.assignee_id != after:
            raise ValidationError({"state": _("Somebody has moved it since.")})
        if before is not None:
            _to(row, staff_id=before, at=at)
            move.tell(StepClaimed(**move.of_item(row), assignee_id=before, given_by=by.name))
        else:
            row.assignee, row.state, row.claimed_at = None, ItemState.OPEN, None
            row.save(update_fields=["assignee", "state", "claimed_at"])
            move.tell(StepReturned(**move.of_item(row)))
        return row


def tick(*, item: WorkItem, line: int, done: bool, by: Actor, at: datetime) -> WorkItem:
    """Tick a line of the check-list, or take the tick away; ValidationError for a line that is not there."""
    with held(item, by=by, at=at) as (move, row):
        check_theirs(row, by=by)
        if row.kind == ItemKind.EXTRA or not 0 <= line < len(move.node(row.element).checks):
            raise ValidationError({"line": _("The check-list has no such line.")})
        if done:
            Tick.objects.get_or_create(item=row, line=line, defaults={"by_name": by.name, "at": at})
        else:
            Tick.objects.filter(item=row, line=line).delete()
        return row


def complete(
    *, item: WorkItem, by: Actor, at: datetime, values: Mapping[str, Any] | None = None, signed: str = "",
    minutes: int | None = None,
) -> WorkItem:  # fmt: skip
    """Done: the form is checked, the process moves on, and everything that follows is written with it. `minutes` is what it
    took, for those who want to say.

    TakenAlready when somebody was quicker; ValidationError names the field; NotTheirs when it is not theirs.
    """
    with no_strays(), held(item, by=by, at=at) as (move, row):
        check_theirs(row, by=by)
        if row.kind == ItemKind.AUTOMATIC:
            raise ValidationError({"state": _("The platform does this step.")})
        if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
            raise ValidationError({"minutes": _("Write a number of minutes from 0 to 10,000.")})
        answers = answers_for(move, row, raw=values or {}, signed=signed)
        return finish(move, row, values=answers, signed=signed, minutes=minutes)


def answers_for(move: Move, row: WorkItem, *, raw: Mapping[str, Any], signed: str) -> dict[str, Any]:
    """What the form gives, with the result of an approval; ValidationError for whatever is missing yet."""
    if row.kind == ItemKind.EXTRA:
        return {}
    node = move.node(row.element)
    answers = filled(node.fields, raw)
    all_ticked(row, node)
    check_signed(node, signed)
    if node.work.approval:
        decided = approval_of(list(row.votes.values_list("approved", flat=True)), rule=node.work.approval)
        if decided is None:
            raise ValidationError({"votes": _("Not all who are asked have voted.")})
        answers |= {"approved": decided, f"{node.id}_approved": decided}
    answers = picked(node.fields, answers, instance=move.instance, item=row, by=move.by, at=move.at)
    pass_gate(node.work.gate, move=move, row=row, answers=answers)
    return answers


def all_ticked(row: WorkItem, node: Node) -> None:
    """ValidationError ("checks") while a needed line of the check-list is open."""
    ticked = set(row.ticks.values_list("line", flat=True)) if node.checks else set()
    missing = [check for line, check in enumerate(node.checks) if check.required and line not in ticked]
    if missing:
        raise ValidationError(
            {"checks": _("%(n)s lines of the check-list are not ticked.") % {"n": len(missing)}}
        )


def check_signed(node: Node, signed: str) -> None:
    """ValidationError ("signed") where a name is needed and missing."""
    if node.work.signature and not signed.strip():
        raise ValidationError({"signed": _("Sign with your name.")})


def pass_gate(gate: str, *, move: Move, row: WorkItem, answers: Mapping[str, Any]) -> None:
    """ValidationError ("gate") unless the rule holds, where there is one."""
    if not gate:
        return
    token = next((one for one in move.run.tokens() if one.id == row.token), None)
    known = {**(dict(token.values) if token else {}), **answers}
    try:
        holds = value_of(gate, known)
    except RuleError as error:
        text = _("The condition %(rule)s cannot be evaluated: %(why)s")
        raise ValidationError({"gate": text % {"rule": gate, "why": error}}) from None
    if holds is not True:
        raise ValidationError({"gate": _("This can be completed when %(rule)s.") % {"rule": gate}})


#: Roles whose hours are not ours.
NOT_OURS = ("customer", str(Role.PARTNER))
#: What the end of an item says of it.
FINISHED = [
    "state", "done_at", "done_by", "done_by_name", "claimed_at", "values", "signed", "waiting_seconds", "work_seconds",
    "minutes", "effort_seconds",
]  # fmt: skip


def finish(
    move: Move, row: WorkItem, *, values: Mapping[str, Any], signed: str = "", skipped: bool = False,
    minutes: int | None = None,
) -> WorkItem:  # fmt: skip
    """End an item and move its token on; in the transaction of the caller."""
    by, at = move.by, move.at
    row.state = ItemState.SKIPPED if skipped else ItemState.DONE
    row.done_at, row.done_by_id, row.done_by_name = at, by.user_id, by.name
    taken = row.claimed_at is not None
    row.claimed_at = row.claimed_at or at
    row.values, row.signed = dict(values), signed.strip()[:80]
    times = _times(move, row)
    row.waiting_seconds, row.work_seconds = times["waiting_seconds"], times["work_seconds"]
    # Who completes what nobody took has worked on it before: at some time since it waited.
    elapsed = times["work_seconds"] if taken else times["waiting_seconds"]
    row.minutes, row.effort_seconds = (
        minutes,
        _effort(move, row, minutes=minutes, elapsed=elapsed, skipped=skipped),
    )
    update_row(row, FINISHED)
    silence_item(row)
    passed: list[str] = []
    if row.token:
        try:
            move.run.complete(row.token, values=values)
        except RunStopped as error:
            raise stopped(error, move=move) from None
        passed = [one.element for one in move.run.moved if one.element != row.element]
    move.tell(StepDone(**move.of_item(row), **times, passed=passed, skipped=skipped, minutes=minutes))
    if row.token:
        try:
            move.settle()
        except RunStopped as error:
            raise stopped(error, move=move) from None
    return row


def _effort(move: Move, row: WorkItem, *, minutes: int | None, elapsed: int, skipped: bool) -> int:
    if skipped or row.kind == ItemKind.AUTOMATIC or row.role in NOT_OURS:
        return 0
    if row.effort_seconds is not None:
        usual = timedelta(seconds=row.effort_seconds)
    else:
        usual = usual_effort(None if row.kind == ItemKind.EXTRA else move.node(row.element).work)
    return effort_seconds(minutes=minutes, elapsed=elapsed, usual=usual)


def _times(move: Move, row: WorkItem) -> dict[str, Any]:
    calendar = "" if row.kind == ItemKind.EXTRA else move.node(row.element).work.calendar
    where: dict[str, Any] = {"account_id": row.account_id, "role": row.role, "calendar": calendar}
    claimed = row.claimed_at or move.at
    return {
        "waiting_seconds": int(spent(start=row.opened_at, end=claimed, **where).total_seconds()),
        "work_seconds": int(spent(start=claimed, end=move.at, **where).total_seconds()),
        "late": row.due_at is not None and move.at > row.due_at,
        "automatic": row.kind == ItemKind.AUTOMATIC,
    }  # fmt: skip


def _to(row: WorkItem, *, staff_id: int | None, at: datetime) -> None:
    row.assignee_id, row.state, row.claimed_at = staff_id, ItemState.CLAIMED, row.claimed_at or at
    row.save(update_fields=["assignee", "state", "claimed_at"])
