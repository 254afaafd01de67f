"""Runs: opened once an origin, proposed, confirmed, declined, taken back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.plays.actions.standard import PROPOSAL, put_on_bench
from bihuan.act.plays.events import (
    PlayConfirmationUndone,
    PlayConfirmed,
    PlayDeclined,
    PlayHeldOut,
    PlayMinutesNoted,
    PlayProposed,
    PlayReworded,
    PlaySkipped,
)
from bihuan.act.plays.models import OPEN, Arm, Mode, Play, PlayRun, RunStep, State
from bihuan.act.plays.queries.candidates import stake_of
from bihuan.act.plays.queries.objections import Against, Objection, met_lately, objections
from bihuan.act.plays.queries.whom import NotTold, Standing
from bihuan.act.plays.rules import Stake, arm_of
from bihuan.act.work.actions import cancel_instance, complete
from bihuan.act.work.models import WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish
from bihuan.know.accounts.models import Account, AccountTeam
from bihuan.know.staff.models import Staff

#: So long a confirmation can be taken back: nothing is done before.
GRACE = timedelta(minutes=2)
#: So long a proposal waits for somebody's word.
WAITS = timedelta(days=7)
#: So long it takes to read a proposal and to decide; doing it is the effort of its steps.
DECIDING = timedelta(minutes=5)
MOST_WORDS = 2_000
UNKNOWN_STAKE = Stake()


@transaction.atomic
def open_run(
    *, play: Play, account: Account, origin: str, by: Actor, at: datetime, person_id: int | None = None,
    by_trigger: bool = True, assignee: Staff | None = None, due_at: datetime | None = None, stake: Stake = UNKNOWN_STAKE,
    despite: Sequence[str] = (),
) -> PlayRun:  # fmt: skip
    """The run of this origin; the same again is the same run. Which arm is decided by the account alone; who is held out gets
    nothing but the run. An account that plays met often enough this week is skipped, in either arm alike: a held-out run
    counts as a meeting too, so that both arms lose the same accounts. `despite`: what speaks against it, known to whoever
    opens it; one who is held out is treated then. ValidationError for one that is not `by_trigger` while another is open."""
    # One play meets one account at a time: whoever comes second waits here, and finds the run of the first.
    Play.objects.select_for_update().get(pk=play.pk)
    found: PlayRun | None = PlayRun.objects.filter(play=play, account=account, origin=origin).first()
    if found is not None:
        return found
    if not by_trigger:
        _must_be_free(play, account)
    arm = Arm(arm_of(play=play.key, account_id=account.pk, hold_out=play.hold_out))
    if Against.HELD in despite:
        arm = Arm.TREATED
    row = PlayRun(
        play=play, account=account, person_id=person_id, origin=origin, arm=arm, by_trigger=by_trigger, opened_at=at,
        due_at=due_at or at + WAITS, goal_due=at + timedelta(days=play.window),
        state=State.PROPOSED, value=stake.value, band=stake.band,
        danger=stake.danger, chance=stake.chance,
        despite=list(despite), despite_by_name=by.name if despite else "",
    )  # fmt: skip
    if by_trigger and met_lately(account.pk, at=at) >= play.per_week:
        row.state, row.reason, row.closed_at = State.SKIPPED, "account_limit", at
        row.save()
        publish(PlaySkipped(**row.about, reason=row.reason), by=by, at=at)
        return row
    if arm == Arm.HELD:
        row.state, row.due_at = State.RUNNING, None
        row.save()
        publish(PlayHeldOut(**row.about), by=by, at=at)
        return row
    row.assignee = assignee or owner_of(account)
    row.save()
    RunStep.objects.bulk_create(
        RunStep(run=row, number=place, spec=dict(spec)) for place, spec in enumerate(play.steps, start=1)
    )
    if play.mode == Mode.AUTOMATIC and by_trigger:
        _confirmed(row, grace=timedelta(0), by=by, at=at)
    else:
        _ask(row, by=by, at=at)
        publish(PlayProposed(**row.about, assignee_id=row.assignee_id, despite=row.despite), by=by, at=at)
    return row


def owner_of(account: Account) -> Staff | None:
    """Who answers for it among us, while they are with us."""
    found = (
        AccountTeam.objects.filter(account=account, is_owner=True, staff__is_active=True)
        .select_related("staff")
        .first()
    )
    return found.staff if found is not None else None


def _ask(row: PlayRun, *, by: Actor, at: datetime) -> None:
    """On somebody's bench; who has it there is whom the run is for."""
    tries = WorkItem.objects.filter(instance__key__startswith=f"play:{row.pk}:ask:").count()
    _instance, item = put_on_bench(
        PROPOSAL, account=row.account, title=f"{row.play.name_zh or row.play.name} · {row.account}", assignee=row.assignee,
        once=f"play:{row.pk}:ask:{tries + 1}", by=system_actor("plays"), at=at, effort=DECIDING,
    )  # fmt: skip
    row.item = item.pk if item is not None else None
    if item is not None and item.assignee_id is not None:
        row.assignee_id = item.assignee_id
    row.save(update_fields=["item", "assignee"])


def propose_play(
    *, play_id: int, account_id: int, assignee_id: int | None, by: Actor, at: datetime, origin: str,
    due_at: datetime | None = None, despite: Collection[str] = (),
    of_callers: Collection[str] = (), standings: Mapping[int, Standing | NotTold] | None = None,
) -> PlayRun:  # fmt: skip
    """Propose a play by hand or by plan, on the bench of the assignee; once for play, account and origin. It does not count in
    the comparison with the hold-out, since somebody chose the account.

    What keeps a trigger from it (`queries/objections.py`) is a ValidationError that says it in words, unless `despite` names
    its code: whoever may change plays can go on knowingly, which the run and its fact record. `of_callers` are codes that
    the caller decides by a rule of its own. An open run of the play for the account is a ValidationError whatever is known."""
    play, account = Play.objects.get(pk=play_id), Account.objects.get(pk=account_id)
    if not origin or len(origin) > 120:
        raise ValidationError({"origin": _("An origin has 1 to 120 characters.")})
    found: PlayRun | None = PlayRun.objects.filter(play=play, account=account, origin=origin).first()
    if found is not None:
        return found
    _must_be_free(play, account)
    assignee = Staff.objects.filter(pk=assignee_id, is_active=True).first() if assignee_id else None
    against = objections(play, account, at=at, standings=standings)
    known = _known([one for one in against if one.code not in of_callers], despite=despite, by=by)
    stake = stake_of([account.pk], day=timezone.localdate(at))[account.pk]
    return open_run(
        play=play, account=account, origin=origin, by=by, at=at, by_trigger=False, assignee=assignee, due_at=due_at,
        stake=stake, despite=known,
    )  # fmt: skip


def _must_be_free(play: Play, account: Account) -> None:
    if PlayRun.objects.filter(play=play, account=account, state__in=OPEN).exists():
        raise ValidationError({"account": _("This play meets the account already.")})


class SpeaksAgainst(ValidationError):
    """What keeps a trigger from it, and somebody did not say that they know; `codes` names all of it."""

    def __init__(self, texts: list[str], *, codes: list[str]) -> None:
        super().__init__({"account": texts})
        self.codes = codes


def _known(found: Sequence[Objection], *, despite: Collection[str], by: Actor) -> list[str]:
    """Codes of what speaks against it, all of them in `despite`; else SpeaksAgainst."""
    left = [one.text for one in found if one.code not in despite]
    codes = [str(one.code.value) for one in found]
    if not left and (not found or by.may("plays.edit")):
        return codes
    end = (
        _("Say that you know this, to propose it all the same.")
        if by.may("plays.edit")
        else _("Somebody who may change plays can propose it all the same.")
    )
    raise SpeaksAgainst([*(left or [one.text for one in found]), end], codes=codes)


def _confirmed(row: PlayRun, *, grace: timedelta, by: Actor, at: datetime) -> None:
    row.state, row.decided_at, row.decided_by_name = State.CONFIRMED, at, by.name
    row.save(update_fields=["state", "decided_at", "decided_by_name"])
    for step in row.steps.all():
        step.due_at = at + grace + timedelta(days=int(step.spec.get("after", 0)))
        step.save(update_fields=["due_at"])
    publish(PlayConfirmed(**row.about), by=by, at=at)


def held(run: PlayRun) -> PlayRun:
    """The run, locked in the caller's transaction."""
    row: PlayRun = (
        PlayRun.objects.select_for_update(of=("self",)).select_related("play", "account").get(pk=run.pk)
    )
    return row


@transaction.atomic
def confirm_run(*, run: PlayRun, by: Actor, at: datetime, from_bench: bool = False) -> PlayRun:
    """Yes: its steps are done once GRACE is over. ValidationError unless it is proposed."""
    row = held(run)
    _proposed(row)
    if not from_bench:
        _settle(row, {"decision": "confirm"}, by=by, at=at)
    _confirmed(row, grace=GRACE, by=by, at=at)
    return row


@transaction.atomic
def decline_run(*, run: PlayRun, reason: str, by: Actor, at: datetime, from_bench: bool = False) -> PlayRun:
    """No, and why. Its goal is watched on: whoever was asked stays in their arm."""
    row = held(run)
    _proposed(row)
    if not reason.strip() and not from_bench:
        raise ValidationError({"reason": _("Say why not.")})
    if not from_bench:
        _settle(row, {"decision": "decline", "reason": reason[:300]}, by=by, at=at)
    row.state, row.decided_at, row.decided_by_name, row.reason = (
        State.DECLINED,
        at,
        by.name,
        reason.strip()[:300],
    )
    row.save(update_fields=["state", "decided_at", "decided_by_name", "reason"])
    publish(PlayDeclined(**row.about, reason=row.reason), by=by, at=at)
    return row


def _proposed(row: PlayRun) -> None:
    if row.state != State.PROPOSED:
        raise ValidationError(
            {"state": _("This is decided already: %(state)s.") % {"state": row.get_state_display()}}
        )


def _settle(row: PlayRun, values: dict[str, Any], *, by: Actor, at: datetime) -> None:
    """The item on the bench is done with it; whoever decides for somebody else must be allowed to there too."""
    item = WorkItem.objects.filter(pk=row.item, state__in=WAITING).first() if row.item else None
    if item is not None:
        complete(item=item, values=values, by=by, at=at)


def settle_item(*, item_id: int, at: datetime) -> PlayRun | None:
    """What was decided on the bench; None when the item is nothing of ours or the run is decided already."""
    run = PlayRun.objects.filter(item=item_id, state=State.PROPOSED).first()
    item = WorkItem.objects.filter(pk=item_id).first()
    if run is None or item is None:
        return None
    by = item.done_by.actor() if item.done_by is not None else system_actor("plays")
    if item.values.get("decision") == "confirm":
        return confirm_run(run=run, by=by, at=at, from_bench=True)
    return decline_run(run=run, reason=str(item.values.get("reason", "")), by=by, at=at, from_bench=True)


@transaction.atomic
def undo_confirmation(*, run: PlayRun, by: Actor, at: datetime) -> PlayRun:
    """Back to a proposal, while nothing was done; ValidationError after that."""
    row = held(run)
    if row.state != State.CONFIRMED or row.steps.exclude(done_at=None).exists():
        raise ValidationError({"state": _("Its first step is done: it cannot be taken back any more.")})
    row.state, row.decided_at, row.decided_by_name = State.PROPOSED, None, ""
    row.save(update_fields=["state", "decided_at", "decided_by_name"])
    row.steps.update(due_at=None)
    publish(PlayConfirmationUndone(**row.about), by=by, at=at)
    _ask(row, by=by, at=at)
    return row


@transaction.atomic
def begin_now(*, run: PlayRun, by: Actor, at: datetime) -> PlayRun:
    """A confirmed run gives up its time to be taken back: what is due is due now. ValidationError unless it is confirmed."""
    row = held(run)
    if row.state != State.CONFIRMED:
        raise ValidationError({"state": _("Only what is confirmed and has not begun can be begun.")})
    for step in row.steps.filter(done_at=None):
        step.due_at = at + timedelta(days=int(step.spec.get("after", 0)))
        step.save(update_fields=["due_at"])
    return row


@transaction.atomic
def reword_step(*, run: PlayRun, number: int, subject: str, text: str, by: Actor, at: datetime) -> RunStep:
    """Other words for a message of this run, while it is not done; places in braces are filled in as ever."""
    row = held(run)
    step = RunStep.objects.select_for_update().filter(run=row, number=number).first()
    if step is None or step.spec.get("kind") != "message":
        raise ValidationError({"number": _("There is no message of this number.")})
    if step.done_at is not None or row.state not in (State.PROPOSED, State.CONFIRMED):
        raise ValidationError({"number": _("This is done already.")})
    if not text.strip() or len(text) > MOST_WORDS or len(subject) > 150:
        raise ValidationError({"text": _("A message has 1 to 2,000 characters, its subject at most 150.")})
    step.spec = {**step.spec, "edited": {"subject": subject.strip(), "text": text.strip(), "by": by.name}}
    step.save(update_fields=["spec"])
    publish(PlayReworded(**row.about, number=number), by=by, at=at)
    return step


@transaction.atomic
def note_minutes(*, run: PlayRun, minutes: int, by: Actor, at: datetime) -> PlayRun:
    """What it took beside the work items, as people say."""
    row = held(run)
    if not 0 <= minutes <= 10_000:
        raise ValidationError({"minutes": _("Write a number of minutes from 0 to 10,000.")})
    before, row.minutes = row.minutes, minutes
    if before != minutes:
        row.save(update_fields=["minutes"])
        publish(PlayMinutesNoted(**row.about, before=before, minutes=minutes), by=by, at=at)
    return row


def withdraw_question(row: PlayRun, *, by: Actor, at: datetime) -> None:
    """Nobody is asked any more."""
    item = (
        WorkItem.objects.filter(pk=row.item, state__in=WAITING).select_related("instance").first()
        if row.item
        else None
    )
    if item is not None:
        cancel_instance(instance=item.instance, reason=_("Nobody decided in time."), by=by, at=at)
