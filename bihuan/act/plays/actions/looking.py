"""Triggers: on the facts that tell of them, and by looking every hour at what is no event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from bihuan.act.plays.actions.goals import note_expired, watch_goals
from bihuan.act.plays.actions.harm import pause_harmful
from bihuan.act.plays.actions.plays import ensure_plays
from bihuan.act.plays.actions.runs import open_run
from bihuan.act.plays.models import Arm, Play, PlayRun, State, Status
from bihuan.act.plays.queries.candidates import resting, stake_of
from bihuan.act.plays.queries.whom import NotTold, audiences_of, fired, trigger_of
from bihuan.act.plays.rules.definition import LEVELS, Trigger
from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account

#: So many runs of one play are opened at one look; the others come with the next.
MOST_OPENED = 500
LOOKED_FOR = ("risk", "date", "segment")


@dataclass(kw_only=True)
class Looked:
    """How many runs were opened and how many of them are held out; by play why it could not be told."""

    opened: int = 0
    held: int = 0
    failed: dict[str, str] | None = None


def plays_on(kind: str) -> list[tuple[Play, Trigger]]:
    """The plays that are on and set off by this kind of trigger; one that cannot be read is left to the look to report."""
    found = []
    for play in Play.objects.filter(status=Status.ON):
        try:
            trigger = trigger_of(play)
        except NotTold:
            continue
        if trigger.kind == kind:
            found.append((play, trigger))
    return found


def look_for_plays(*, by: Actor, at: datetime) -> Looked:
    """Every play that is on and whose trigger is no event."""
    ensure_plays(at=at)
    looked, day = Looked(failed={}), timezone.localdate(at)
    for play in Play.objects.filter(status=Status.ON):
        try:
            trigger = trigger_of(play)
            named = fired(play, day=day) if trigger.kind in LOOKED_FOR else []
        except NotTold as error:
            Play.objects.filter(pk=play.pk).update(problem=str(error)[:400], looked_at=at)
            assert looked.failed is not None
            looked.failed[play.key] = str(error)
            continue
        rests = resting([play], at=at)[play.pk] if trigger.kind != "date" else set()
        done = _origins(play, trigger)
        new = [
            (one.account_id, _origin(trigger, sign=one.sign, at=at))
            for one in named
            if one.account_id not in rests
        ]
        _open(play, [pair for pair in new if pair not in done][:MOST_OPENED], looked=looked, by=by, at=at)
        Play.objects.filter(pk=play.pk).update(problem="", looked_at=at)
    return looked


def _origin(trigger: Trigger, *, sign: str, at: datetime) -> str:
    """The same moment of the same trigger has one name, so that a look that is repeated opens nothing twice."""
    return f"{trigger.kind}:{trigger.measure}:{sign}" if sign else f"{trigger.kind}:{timezone.localdate(at)}"


def _origins(play: Play, trigger: Trigger) -> set[tuple[int, str]]:
    """What a date opened already."""
    rows = (
        PlayRun.objects.filter(play=play, origin__startswith=f"{trigger.kind}:")
        if trigger.kind == "date"
        else PlayRun.objects.none()
    )
    return set(rows.values_list("account_id", "origin"))


def _open(play: Play, pairs: list[tuple[int, str]], *, looked: Looked, by: Actor, at: datetime) -> None:
    accounts = Account.objects.in_bulk([account for account, _origin_ in pairs])
    stakes = stake_of(list(accounts), day=timezone.localdate(at)) if accounts else {}
    for account, origin in pairs:
        if account not in accounts:
            continue
        row = open_run(
            play=play, account=accounts[account], origin=origin, by=by, at=at, stake=stakes[account]
        )
        if row.state != State.SKIPPED:
            looked.opened += 1
            looked.held += row.arm == Arm.HELD


def meet_signal(
    *,
    signal_id: int,
    kind: str,
    severity: str,
    account_id: int | None,
    person_id: int | None,
    by: Actor,
    at: datetime,
) -> list[PlayRun]:
    """The plays that this signal sets off, for the account it is about."""
    if account_id is None:
        return []
    plays = [
        play for play, trigger in plays_on("signal")
        if kind in trigger.signals and LEVELS.index(severity) >= LEVELS.index(trigger.least)
    ] if severity in LEVELS else []  # fmt: skip
    return _meet(
        plays, account_id=account_id, person_id=person_id, origin=f"signal:{signal_id}", by=by, at=at
    )


def meet_stage(*, account_id: int, stage: str, uid: str, by: Actor, at: datetime) -> list[PlayRun]:
    """The plays of a stage that an account entered; `uid` is the fact's."""
    plays = [play for play, trigger in plays_on("stage") if stage in trigger.stages]
    return _meet(plays, account_id=account_id, person_id=None, origin=f"stage:{stage}:{uid}", by=by, at=at)


def _meet(
    plays: list[Play], *, account_id: int, person_id: int | None, origin: str, by: Actor, at: datetime
) -> list[PlayRun]:
    account = Account.objects.filter(pk=account_id).first()
    if account is None or not plays:
        return []
    audiences = audiences_of(plays, day=timezone.localdate(at))
    rests = resting(plays, at=at)
    stake = stake_of([account_id], day=timezone.localdate(at))[account_id]
    opened = []
    for play in plays:
        audience = audiences[play.pk]
        if isinstance(audience, NotTold) or account_id not in audience:
            continue
        if account_id in rests[play.pk] and not _same(play, account_id=account_id, origin=origin).exists():
            continue
        opened.append(open_run(
            play=play, account=account, origin=origin, by=by, at=at, person_id=person_id, stake=stake
        ))  # fmt: skip
    return opened


def _same(play: Play, *, account_id: int, origin: str) -> QuerySet[Any]:
    return PlayRun.objects.filter(play=play, account_id=account_id, origin=origin)


def look_now(*, by: Actor, at: datetime) -> dict[str, int]:
    """What the hourly look does, at once: triggers that are no events, goals, proposals that nobody decided, and harm."""
    looked = look_for_plays(by=by, at=at)
    reached, missed = watch_goals(by=by, at=at)
    return {
        "opened": looked.opened, "held": looked.held, "failed": len(looked.failed or ()), "reached": reached, "missed": missed,
        "expired": note_expired(by=by, at=at), "paused": len(pause_harmful(by=by, at=at)),
    }  # fmt: skip
