"""Notes, questions and tasks about an account."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import Fact, publish
from bihuan.know.accounts.events import FollowUpDone, FollowUpReopened, NoteAdded, QuestionAsked, TaskAssigned
from bihuan.know.accounts.models import Account, FollowUp


@transaction.atomic
def add_follow_up(
    *,
    account: Account,
    kind: str,
    text: str,
    by: Actor,
    at: datetime,
    assignee: Any = None,
    due_on: date | None = None,
) -> FollowUp:
    """Write a note, ask a colleague, or give a task; a question and a task need an assignee who may see the account."""
    if kind != FollowUp.Kind.NOTE:
        if assignee is None:
            raise ValidationError({"assignee": _("Choose a colleague.")})
        if not Account.objects.visible_to(assignee.actor()).filter(pk=account.pk).exists():
            raise ValidationError({"assignee": _("This colleague's territory does not hold the account.")})
    row = FollowUp(account=account, kind=kind, text=text.strip(), author_id=by.user_id, assignee=assignee,
                   due_on=due_on, at=at)  # fmt: skip
    row.full_clean()
    row.save()
    publish(_fact(row), by=by, at=at)
    return row


@transaction.atomic
def finish_follow_up(*, follow_up: FollowUp, by: Actor, at: datetime) -> None:
    """Mark it done; a second time changes nothing."""
    if FollowUp.objects.filter(pk=follow_up.pk, done_at=None).update(done_at=at):
        publish(FollowUpDone(account_id=follow_up.account_id, follow_up_id=follow_up.pk), by=by, at=at)


@transaction.atomic
def reopen_follow_up(*, follow_up: FollowUp, by: Actor, at: datetime) -> None:
    """Undo `finish_follow_up`."""
    if FollowUp.objects.filter(pk=follow_up.pk).exclude(done_at=None).update(done_at=None):
        publish(FollowUpReopened(account_id=follow_up.account_id, follow_up_id=follow_up.pk), by=by, at=at)


def _fact(row: FollowUp) -> Fact:
    """The fact that fits the kind."""
    text = row.text[:500]
    if row.kind == FollowUp.Kind.NOTE or row.assignee_id is None:
        return NoteAdded(account_id=row.account_id, follow_up_id=row.pk, text=text)
    if row.kind == FollowUp.Kind.QUESTION:
        return QuestionAsked(
            account_id=row.account_id, follow_up_id=row.pk, assignee_id=row.assignee_id, text=text
        )
    return TaskAssigned(
        account_id=row.account_id, follow_up_id=row.pk, assignee_id=row.assignee_id, text=text,
        due_on=row.due_on.isoformat() if row.due_on else None,
    )  # fmt: skip
