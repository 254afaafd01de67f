"""Automatic steps about what stands below processes: follow-ups of an account, its stage, a message to other processes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.act.processes.queries import tell_steps
from bihuan.act.work.automatic import Around, AutomaticStep, StepFailed, automatic_step, names_of_inputs
from bihuan.know.accounts.actions import add_follow_up, change_account
from bihuan.know.accounts.models import Account, FollowUp, Stage

tell_steps(names_of_inputs)


def _account(around: Around) -> Account:
    found = Account.objects.filter(pk=around.account_id).first() if around.account_id else None
    if found is None:
        raise StepFailed("no_account", _("The process is not about an account."))
    return found


def write_note(*, around: Around, text: Any) -> Mapping[str, Any]:
    """A note on the account's time line."""
    row = add_follow_up(
        account=_account(around), kind=FollowUp.Kind.NOTE, text=str(text), by=around.by, at=around.at
    )
    return {"note": row.pk}


def give_task(*, around: Around, text: Any, days: Any = 3) -> Mapping[str, Any]:
    """A task for the account's owner."""
    account = _account(around)
    owner = account.team.filter(is_owner=True).select_related("staff").first()
    if owner is None:
        raise StepFailed("no_owner", _("The account has no owner."))
    due = (around.at + timedelta(days=float(days))).date()
    row = add_follow_up(
        account=account, kind=FollowUp.Kind.TASK, text=str(text), assignee=owner.staff, due_on=due, by=around.by, at=around.at
    )  # fmt: skip
    return {"task": row.pk}


def set_stage(*, around: Around, stage: Any) -> Mapping[str, Any]:
    """The account's life-cycle stage."""
    if stage not in Stage.values:
        raise StepFailed("stage", _("“%(stage)s” is no life-cycle stage.") % {"stage": stage})
    account = _account(around)
    if account.stage != stage:
        change_account(account=account, stage=stage, by=around.by, at=around.at)
    return {"stage": stage}


automatic_step(AutomaticStep(
    name="write_note", title=gettext_lazy("Write a note on the account"), inputs={"text": gettext_lazy("Text")},
    results={"note": gettext_lazy("Number of the note")}, run=write_note,
))  # fmt: skip
automatic_step(AutomaticStep(
    name="give_task", title=gettext_lazy("Give the account's owner a task"),
    inputs={"text": gettext_lazy("Text"), "days": gettext_lazy("Due in so many days")},
    results={"task": gettext_lazy("Number of the task")}, run=give_task,
))  # fmt: skip
automatic_step(AutomaticStep(
    name="set_stage", title=gettext_lazy("Set the account's life-cycle stage"), inputs={"stage": gettext_lazy("Stage")},
    results={"stage": gettext_lazy("Stage")}, run=set_stage,
))  # fmt: skip
