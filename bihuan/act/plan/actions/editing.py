"""A manager changes a draft: every line that a manager touched is locked."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.plan.actions.days import lay_out
from bihuan.act.plan.actions.solving import line_of, must_be_draft, parts_of
from bihuan.act.plan.events import PlanLineChanged
from bihuan.act.plan.models import LineState, PlanLine, PlanPart, Source, WeekPlan
from bihuan.act.plan.queries.gathering import explores
from bihuan.act.plan.rules import Assignment, Part
from bihuan.act.plays.queries import candidates
from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff


@transaction.atomic
def add_line(
    *, plan: WeekPlan, account: Account, play_id: int, person: Staff, by: Actor, at: datetime
) -> PlanLine:
    """A play that is open for the account, all of it done by one person. ValidationError names the field that is wrong."""
    plan = WeekPlan.objects.select_for_update().get(pk=plan.pk)
    must_be_draft(plan)
    must_be_active(person)
    offer = next(
        (one for one in candidates(at=at) if one.account_id == account.pk and one.play_id == play_id), None
    )
    if offer is None:
        raise ValidationError(
            {"play": _("This play is not meant for %(account)s now.") % {"account": account}}
        )
    if plan.lines.planned().filter(account=account).exists():
        raise ValidationError(
            {"account": _("%(account)s has a play this week: drop it first.") % {"account": account}}
        )
    plan.lines.filter(account=account, play_id=play_id, state=LineState.DROPPED).delete()
    parts = tuple(
        Part(role=role, person=person.pk, minutes=minutes) for role, minutes in offer.minutes.items()
    )
    one = Assignment(
        account=account.pk, play=play_id, parts=parts, worth=float(offer.effect) * float(offer.value),
        explores=explores(offer),
    )  # fmt: skip
    line = line_of(plan, one, offer=offer, source=Source.MANAGER)
    line.save()
    PlanPart.objects.bulk_create(parts_of(line, one))
    lay_out(plan)
    line.refresh_from_db(fields=["day"])
    _tell(line, "added", by=by, at=at)
    return line


@transaction.atomic
def move_line(*, line: PlanLine, person: Staff, by: Actor, at: datetime) -> PlanLine:
    """Let somebody else do what the one who leads it would have done."""
    line = _open(line)
    must_be_active(person)
    if line.person_id == person.pk:
        return line
    line.parts.filter(person_id=line.person_id).update(person=person)
    line.person, line.day = person, None
    moved = _changed(line, "moved", by=by, at=at)
    lay_out(line.plan)
    moved.refresh_from_db(fields=["day"])
    return moved


@transaction.atomic
def lock_line(*, line: PlanLine, locked: bool, by: Actor, at: datetime) -> PlanLine:
    """Keep it when the week is solved again, or leave it to the planner."""
    line = _open(line)
    if line.locked == locked:
        return line
    line.locked = locked
    line.save(update_fields=["locked"])
    _tell(line, "locked" if locked else "unlocked", by=by, at=at)
    return line


@transaction.atomic
def drop_line(*, line: PlanLine, by: Actor, at: datetime) -> PlanLine:
    """Not this week; it does not come back when the week is solved again."""
    line = _open(line)
    line.state, line.locked = LineState.DROPPED, False
    line.save(update_fields=["state", "locked"])
    _tell(line, "dropped", by=by, at=at)
    return line


@transaction.atomic
def restore_line(*, line: PlanLine, by: Actor, at: datetime) -> PlanLine:
    """Take a drop back."""
    line = PlanLine.objects.select_for_update().select_related("plan", "account").get(pk=line.pk)
    must_be_draft(line.plan)
    if line.state == LineState.PLANNED:
        return line
    if line.plan.lines.planned().filter(account=line.account_id).exists():
        raise ValidationError(
            {"account": _("%(account)s has a play this week: drop it first.") % {"account": line.account}}
        )
    line.state = LineState.PLANNED
    return _changed(line, "restored", by=by, at=at)


def must_be_active(person: Staff) -> None:
    """ValidationError for somebody who cannot sign in."""
    if not person.is_active:
        raise ValidationError(
            {"person": _("%(name)s is not active: choose somebody else.") % {"name": person}}
        )


def _open(line: PlanLine) -> PlanLine:
    found = PlanLine.objects.select_for_update().select_related("plan").get(pk=line.pk)
    must_be_draft(found.plan)
    if found.state != LineState.PLANNED:
        raise ValidationError(_("This line was dropped."))
    return found


def _changed(line: PlanLine, what: str, *, by: Actor, at: datetime) -> PlanLine:
    line.locked, line.source = True, Source.MANAGER
    line.save()
    _tell(line, what, by=by, at=at)
    return line


def _tell(line: PlanLine, what: str, *, by: Actor, at: datetime) -> None:
    fact = PlanLineChanged(
        plan_id=line.plan_id, line_id=line.pk, account_id=line.account_id, what=what, person_id=line.person_id
    )
    publish(fact, by=by, at=at)
