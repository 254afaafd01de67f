"""Watching goals: of treated and held-out accounts alike, until the window is over."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from bihuan.act.plays.actions.runs import held, withdraw_question
from bihuan.act.plays.events import PlayExpired, PlayGoalMissed, PlayGoalReached
from bihuan.act.plays.models import Play, PlayRun, State
from bihuan.act.plays.queries.reaching import days_of_events
from bihuan.act.plays.queries.whom import accounts_of
from bihuan.act.plays.rules import DefinitionError, read_goal
from bihuan.base.access import Actor
from bihuan.base.bus import publish

BATCH = 500


def watch_goals(*, by: Actor, at: datetime) -> tuple[int, int]:
    """(reached, missed): decide every open run whose goal was reached, or whose window is over."""
    undecided = PlayRun.objects.filter(closed_at=None)
    reached = missed = 0
    for play in Play.objects.filter(pk__in=undecided.values("play_id")):
        runs = list(undecided.filter(play=play).order_by("pk"))
        moments = _reached(play, runs, at=at)
        for run in runs:
            moment = moments.get(run.pk)
            if moment is not None:
                reached += close(run=run, reached_at=moment, by=by, at=at)
            elif moments is not _UNKNOWN and run.goal_due <= at:
                missed += close(run=run, reached_at=None, by=by, at=at)
    return reached, missed


#: A goal that cannot be told decides nothing: the run waits until somebody mends the play.
_UNKNOWN: dict[int, datetime] = {}


def _reached(play: Play, runs: list[PlayRun], *, at: datetime) -> dict[int, datetime]:
    """By run when its goal was reached; _UNKNOWN when that cannot be told."""
    try:
        goal = read_goal(play.goal)
    except DefinitionError:
        return _UNKNOWN
    if goal.events:
        seen = days_of_events(
            events=goal.events,
            since=min(run.opened_at for run in runs),
            until=at,
            accounts={run.account_id for run in runs},
        )
        found: dict[int, datetime] = {}
        for run in runs:
            moment = first_between(seen.get(run.account_id, ()), start=run.opened_at, end=run.goal_due)
            if moment is not None:
                found[run.pk] = moment
        return found
    (inside,) = accounts_of([goal.rule], day=timezone.localdate(at))
    if not isinstance(inside, dict):
        return _UNKNOWN
    # The first look after the end of the window still says what was at its end; a later one would not.
    return {run.pk: min(at, run.goal_due) for run in runs if run.account_id in inside}


def first_between(
    days: Iterable[tuple[datetime, datetime]], *, start: datetime, end: datetime
) -> datetime | None:
    """The first moment after `start` and up to `end` of (first, last) of each day with the event, the days in order."""
    for first, last in days:
        for moment in (first, last):
            if start < moment.astimezone(UTC) <= end:
                return moment
    return None


@transaction.atomic
def close(*, run: PlayRun, reached_at: datetime | None, by: Actor, at: datetime) -> bool:
    """The goal is decided, once; whether this decided it."""
    row = held(run)
    if row.closed_at is not None:
        return False
    row.goal_reached_at, row.closed_at = reached_at, at
    if row.state in (State.CONFIRMED, State.RUNNING) and not row.steps.filter(done_at=None).exists():
        row.state = State.DONE
    row.save(update_fields=["goal_reached_at", "closed_at", "state"])
    fact = PlayGoalMissed if reached_at is None else PlayGoalReached
    publish(fact(**row.about, arm=row.arm), by=by, at=at)
    return True


def note_expired(*, by: Actor, at: datetime) -> int:
    """Proposals that nobody decided in time; how many. Runs whose goal is decided end with their last step."""
    late = PlayRun.objects.filter(state=State.PROPOSED, due_at__lte=at).order_by("pk")[:BATCH]
    number = sum(_expire(run, by=by, at=at) for run in late)
    over = PlayRun.objects.filter(state=State.RUNNING).exclude(closed_at=None).order_by("pk")
    for run in over[:BATCH]:
        if not run.steps.filter(done_at=None).exists():
            PlayRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.DONE)
    return number


@transaction.atomic
def _expire(run: PlayRun, *, by: Actor, at: datetime) -> bool:
    row = held(run)
    if row.state != State.PROPOSED:
        return False
    row.state, row.decided_at = State.EXPIRED, at
    row.save(update_fields=["state", "decided_at"])
    withdraw_question(row, by=by, at=at)
    publish(PlayExpired(**row.about), by=by, at=at)
    return True
