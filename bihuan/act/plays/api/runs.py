"""Runs of plays: proposed, confirmed, taken back, declined, reworded, begun."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Schema
from ninja.pagination import paginate

from bihuan.act.plays import actions
from bihuan.act.plays.api.shared import play_of, router
from bihuan.act.plays.models import Arm, PlayRun, RunStep, State
from bihuan.act.plays.queries import Against
from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.base.ui.paging import Paging
from bihuan.know.accounts.models import Account


class PlayStepOut(Schema):
    """A step of a run; `made` is what came of it, `problem` why it was passed over."""

    number: int
    spec: dict[str, Any]
    due_at: datetime | None
    done_at: datetime | None
    made: str
    instance_id: int | None
    problem: str


class PlayRunOut(Schema):
    """One play for one account. `arm`: treated or held; `by_trigger`: it counts in the comparison; `despite`:
    what spoke against it when somebody proposed it knowingly."""

    id: int
    play: str
    account_id: int
    person_id: int | None
    arm: str
    state: str
    origin: str
    by_trigger: bool
    assignee_id: int | None
    opened_at: datetime
    due_at: datetime | None
    reason: str
    despite: list[str]
    goal_due: datetime
    goal_reached_at: datetime | None
    closed_at: datetime | None
    minutes: int

    @staticmethod
    def resolve_play(row: PlayRun) -> str:
        """Its key."""
        return row.play.key


class PlayRunDetailOut(PlayRunOut):
    """With its steps."""

    steps: list[PlayStepOut]

    @staticmethod
    def resolve_steps(row: PlayRun) -> list[RunStep]:
        """In order."""
        return list(row.steps.all())


class PlayRunIn(Schema):
    """A play for an account, by hand; the same `origin` again is the same run. `despite`: what speaks against it, and is known
    to whoever proposes it all the same (they need `plays.edit`)."""

    play: str = Field(..., max_length=40)
    account_id: Number
    assignee_id: Number | None = None
    origin: str = Field(..., min_length=1, max_length=100)
    despite: list[Against] = Field([], max_length=10)


class PlayDeclineIn(Schema):
    """Why not."""

    reason: str = Field(..., min_length=1, max_length=300)


class PlayWordsIn(Schema):
    """Other words for a message of this run."""

    subject: str = Field("", max_length=150)
    text: str = Field(..., min_length=1, max_length=2000)


class PlayMinutesIn(Schema):
    """Minutes beside the work items."""

    minutes: int = Field(..., ge=0, le=10_000)


@router.get("/play-runs", auth=Allow("plays.view"), response=list[PlayRunOut], summary="List runs of plays")
@paginate(Paging)
def list_play_runs(
    request: HttpRequest, play: str | None = None, state: State | None = None, arm: Arm | None = None,
    account_id: Number | None = None, assignee_id: Number | None = None,
) -> Any:  # fmt: skip
    """Those of the territory, the newest first."""
    asked = {
        "play__key": play,
        "state": state,
        "arm": arm,
        "account_id": account_id,
        "assignee_id": assignee_id,
    }
    wanted = {name: value for name, value in asked.items() if value is not None}
    return PlayRun.objects.visible_to(actor_of(request)).filter(**wanted).select_related("play")


@router.post("/play-runs", auth=Allow("plays.do"), response={201: PlayRunOut}, summary="Propose a play")
def create_play_run(request: HttpRequest, body: PlayRunIn) -> Any:
    """For an account of the territory. 422 says what would keep a trigger from it: paused, untold, audience, goal, rest, week,
    held; name these in `despite` to go on knowingly."""
    actor = actor_of(request)
    account = get_object_or_404(Account.objects.visible_to(actor), pk=body.account_id)
    try:
        return 201, actions.propose_play(
            play_id=play_of(body.play).pk, account_id=account.pk, assignee_id=body.assignee_id, by=actor, at=timezone.now(),
            origin=f"manual:{body.origin}", despite=[one.value for one in body.despite],
        )  # fmt: skip
    except actions.SpeaksAgainst as error:
        raise ValidationError({"account": error.messages, "despite": ", ".join(error.codes)}) from None


def _run(request: HttpRequest, pk: int) -> PlayRun:
    found: PlayRun = get_object_or_404(
        PlayRun.objects.visible_to(actor_of(request)).select_related("play"), pk=pk
    )
    return found


@router.get(
    "/play-runs/{int:pk}", auth=Allow("plays.view"), response=PlayRunDetailOut, summary="Read a run of a play"
)
def read_play_run(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return _run(request, pk)


@router.post(
    "/play-runs/{int:pk}/confirm", auth=Allow("plays.do"), response=PlayRunOut, summary="Confirm a play"
)
def confirm_play(request: HttpRequest, pk: int) -> Any:
    """422 unless it is proposed, and on one's own bench."""
    return actions.confirm_run(run=_run(request, pk), by=actor_of(request), at=timezone.now())


@router.post(
    "/play-runs/{int:pk}/undo",
    auth=Allow("plays.do"),
    response=PlayRunOut,
    summary="Take a confirmation back",
)
def unconfirm_play(request: HttpRequest, pk: int) -> Any:
    """422 once its first step is done."""
    return actions.undo_confirmation(run=_run(request, pk), by=actor_of(request), at=timezone.now())


@router.post(
    "/play-runs/{int:pk}/decline", auth=Allow("plays.do"), response=PlayRunOut, summary="Decline a play"
)
def decline_play(request: HttpRequest, pk: int, body: PlayDeclineIn) -> Any:
    """With a reason; 422 unless it is proposed."""
    return actions.decline_run(
        run=_run(request, pk), reason=body.reason, by=actor_of(request), at=timezone.now()
    )


@router.put(
    "/play-runs/{int:pk}/steps/{int:number}",
    auth=Allow("plays.do"),
    response=PlayStepOut,
    summary="Change a message",
)
def put_play_words(request: HttpRequest, pk: int, number: int, body: PlayWordsIn) -> Any:
    """Of this run only, while it is not done."""
    return actions.reword_step(
        run=_run(request, pk),
        number=number,
        subject=body.subject,
        text=body.text,
        by=actor_of(request),
        at=timezone.now(),
    )


@router.put(
    "/play-runs/{int:pk}/minutes", auth=Allow("plays.do"), response=PlayRunOut, summary="Write minutes down"
)
def put_play_minutes(request: HttpRequest, pk: int, body: PlayMinutesIn) -> Any:
    """Beside those of the work items."""
    return actions.note_minutes(
        run=_run(request, pk), minutes=body.minutes, by=actor_of(request), at=timezone.now()
    )


@router.post(
    "/play-runs/{int:pk}/begin",
    auth=Allow("plays.do"),
    response=PlayRunOut,
    summary="Do a confirmed play at once",
)
def begin_play_run(request: HttpRequest, pk: int) -> Any:
    """It cannot be taken back any more; 422 unless it is confirmed and has not begun."""
    run, now = _run(request, pk), timezone.now()
    actions.begin_now(run=run, by=actor_of(request), at=now)
    actions.carry_run(run=run, at=now)
    return _run(request, pk)
