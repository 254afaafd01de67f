"""Approvals 会签: who is asked votes, in order or at once; whoever is asked may ask one more (加签)."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import Work
from bihuan.act.work.actions.doing import (
    NotTheirs,
    all_ticked,
    check_signed,
    check_theirs,
    finish,
    held,
    pass_gate,
)
from bihuan.act.work.actions.moving import Move
from bihuan.act.work.events import Voted
from bihuan.act.work.models import Vote, WorkItem
from bihuan.act.work.rules import approval_of, turn_of
from bihuan.base.access import Actor
from bihuan.know.absences.queries import stands_in_for
from bihuan.know.staff.models import Staff


def asked_of(
    votes: list[Vote], *, work: Work, by: Actor, username: str, instead_of: Sequence[str] = ()
) -> Vote | None:
    """The vote whose turn it is and that this person may give, in their own name or `instead_of` those who are away; None when
    they are not asked now. Whoever has voted in their own name votes only for others."""
    names = {username, *(str(role) for role in by.roles), *(f"role:{role}" for role in by.roles)}
    if by.user_id is not None and any(one.by_id == by.user_id and one.approver in names for one in votes):
        names = set()
    names |= set(instead_of)
    for place in turn_of([one.approved for one in votes], in_order=work.in_order):
        if votes[place].approver in names:
            return votes[place]
    return None


def vote(
    *, item: WorkItem, approved: bool, by: Actor, at: datetime, note: str = "", signed: str = ""
) -> WorkItem:
    """Say yes or no when one is asked. The vote that decides completes the item; its result is `approved` in the process.

    ValidationError for a no without a reason, a vote without the name that it is signed with, and a yes that decides before the
    check-list is ticked or against what must hold; NotTheirs for who is not asked now, or has voted.
    """
    with held(item, by=by, at=at) as (move, row):
        work = _approval(move, row)
        if not approved and not note.strip():
            raise ValidationError({"note": _("Say why not.")})
        node = move.node(row.element)
        check_signed(node, signed)
        votes = list(row.votes.select_for_update())
        own = Staff.objects.filter(pk=by.user_id or 0)
        username = own.values_list("username", flat=True).first() or ""
        others = stands_in_for(by.user_id or 0, at=at)
        turn = asked_of(votes, work=work, by=by, username=username, instead_of=others)
        if turn is None and by.user_id is not None and any(one.by_id == by.user_id for one in votes):
            raise NotTheirs({"votes": _("You have voted.")})
        if turn is None:
            raise NotTheirs({"votes": _("It is not your turn to vote.")})
        turn.approved, turn.note, turn.signed = approved, note.strip()[:500], signed.strip()[:80]
        turn.by_id, turn.by_name, turn.at = by.user_id, by.name, at
        turn.save()
        move.tell(Voted(**move.of_item(row), approved=approved, note=turn.note))
        decided = approval_of([one.approved for one in votes], rule=work.approval)
        if decided:
            all_ticked(row, node)
            pass_gate(work.gate, move=move, row=row, answers={})
        if decided is not None:
            finish(move, row, values={"approved": decided, f"{row.element}_approved": decided}, signed=signed)
        return row


def ask_also(*, item: WorkItem, who: Staff, by: Actor, at: datetime) -> Vote:
    """Ask one more person, after all who are asked; their yes is needed too where all must agree."""
    with held(item, by=by, at=at) as (move, row):
        _approval(move, row)
        votes = list(row.votes.all())
        theirs = by.user_id is not None and any(one.by_id == by.user_id for one in votes)
        if not theirs:
            check_theirs(row, by=by)
        if any(one.approver == who.username for one in votes):
            raise ValidationError({"who": _("%(who)s is asked already.") % {"who": who}})
        return Vote.objects.create(item=row, place=len(votes), approver=who.username, extra=True)


def _approval(move: Move, row: WorkItem) -> Work:
    work = move.node(row.element).work if row.token else Work()
    if not work.approval:
        raise ValidationError({"votes": _("Nobody votes on this step.")})
    return work
