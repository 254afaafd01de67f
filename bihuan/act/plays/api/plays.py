"""Plays: read, written, switched, looked for, and what they were good for."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Schema
from ninja.pagination import paginate

from bihuan.act.plays import actions
from bihuan.act.plays.api.shared import Documents, Share, play_of, router
from bihuan.act.plays.models import Play
from bihuan.act.plays.queries import NotTold, dry_run, matched_of, outcome_of, so_far
from bihuan.base.access import Allow, actor_of
from bihuan.base.ui.paging import Paging


class PlayOut(Schema):
    """A play. `trigger`, `steps` and `goal` are documents, `audience` a rule; `status`: on, off, or paused with `paused_why`;
    `problem` says why it could not be looked for. `aim`: a reached goal keeps revenue, which weighs risk, or gains it."""

    key: str
    name: str
    name_zh: str
    about: str
    about_zh: str
    trigger: dict[str, Any]
    audience: str
    mode: str
    steps: list[dict[str, Any]]
    goal: dict[str, Any]
    window: int
    rest: int
    per_week: int
    hold_out: int
    assumed_effect: Decimal
    worth: Decimal
    aim: str
    minutes: dict[str, int]
    status: str
    paused_why: str
    problem: str
    shipped: bool


class PlayPatch(Schema):
    """What is to change; open runs go on as they began."""

    name: str | None = Field(None, min_length=1, max_length=120)
    name_zh: str | None = Field(None, max_length=120)
    about: str | None = Field(None, max_length=400)
    about_zh: str | None = Field(None, max_length=400)
    trigger: dict[str, Any] | None = None
    audience: str | None = Field(None, max_length=2000)
    mode: Literal["automatic", "asked"] | None = None
    steps: Documents | None = None
    goal: dict[str, Any] | None = None
    window: int | None = Field(None, ge=1, le=365)
    rest: int | None = Field(None, ge=1, le=730)
    per_week: int | None = Field(None, ge=1, le=50)
    hold_out: int | None = Field(None, ge=0, le=90)
    assumed_effect: Annotated[Decimal, Field(ge=-1, le=1, decimal_places=3)] | None = None
    worth: Share | None = None
    aim: Literal["keep", "gain"] | None = None
    minutes: dict[str, int] | None = None


class PlayIn(PlayPatch):
    """A new play; it is off."""

    key: str = Field(..., min_length=1, max_length=40)


class PlaySwitchIn(Schema):
    """Whether it is to be on."""

    on: bool


class PlayOutcomeOut(Schema):
    """Of the last year, in points from −1 to 1: `difference` against the hold-out with its 95 % interval (null until both arms
    have accounts), `effect` after pooling. `matched`, for plays without hold-out, is weaker. Money only for those who
    see contracts."""

    play: str
    basis: str
    so_far: dict[str, list[int]] = Field(
        ..., description="By arm, of runs whose window is not over: goal reached, runs"
    )
    treated: list[int] = Field(..., description="Goal reached, accounts")
    held: list[int] = Field(..., description="Goal reached, accounts")
    difference: float | None
    low: float | None
    high: float | None
    effect: float
    effect_error: float
    own_weight: float
    matched: dict[str, float] | None
    runs: int
    hours: float
    cost: Decimal
    gained: Decimal | None
    gained_low: Decimal | None
    gained_high: Decimal | None
    gained_per_hour: Decimal | None
    gained_per_hour_low: Decimal | None
    gained_per_hour_high: Decimal | None
    aim: str
    unweighed: int = Field(
        ...,
        description="Accounts met whose risk at that time is not known: they count as usual in what was kept",
    )


class WeekOfPlayOut(Schema):
    """Accounts that would have been met, and held out, in the week until `day`."""

    day: date
    met: int
    held: int


class DryRunOut(Schema):
    """Within the territory of who asks: 12 weeks, and the accounts met most often (200 at most)."""

    weeks: list[WeekOfPlayOut]
    accounts: dict[int, int]
    accounts_met: int
    now: int


@router.get("/plays", auth=Allow("plays.view"), response=list[PlayOut], summary="List plays")
@paginate(Paging)
def list_plays(request: HttpRequest) -> Any:
    """By key."""
    actions.ensure_plays(at=timezone.now())
    return Play.objects.all()


@router.post("/plays", auth=Allow("plays.edit"), response={201: PlayOut}, summary="Add a play")
def create_play(request: HttpRequest, body: PlayIn) -> Any:
    """Off, until it is switched on; 422 names the field."""
    fields = body.dict(exclude_none=True)
    return 201, actions.add_play(by=actor_of(request), at=timezone.now(), **({"name": ""} | fields))


class PlayLookOut(Schema):
    """What a look found: runs opened (and of them held out), plays that could not be computed, goals reached and missed,
    proposals that nobody decided in time, plays paused because they harm."""

    opened: int
    held: int
    failed: int
    reached: int
    missed: int
    expired: int
    paused: int


@router.post(
    "/plays/look", auth=Allow("plays.edit"), response=PlayLookOut, summary="Look for whom plays are, now"
)
def look_for_plays_now(request: HttpRequest) -> Any:
    """What the worker does every hour."""
    return actions.look_now(by=actor_of(request), at=timezone.now())


@router.get("/plays/{key}", auth=Allow("plays.view"), response=PlayOut, summary="Read a play")
def read_play(request: HttpRequest, key: str) -> Any:
    """404 for an unknown key."""
    return play_of(key)


@router.patch("/plays/{key}", auth=Allow("plays.edit"), response=PlayOut, summary="Change a play")
def update_play(request: HttpRequest, key: str, body: PlayPatch) -> Any:
    """What is given."""
    return actions.change_play(
        play=play_of(key), by=actor_of(request), at=timezone.now(), **body.dict(exclude_none=True)
    )


@router.delete("/plays/{key}", auth=Allow("plays.edit"), response={204: None}, summary="Remove a play")
def delete_play(request: HttpRequest, key: str) -> Any:
    """422 for one that ships or has met customers."""
    actions.remove_play(play=play_of(key), by=actor_of(request), at=timezone.now())
    return 204, None


@router.post("/plays/{key}/switch", auth=Allow("plays.edit"), response=PlayOut, summary="Switch a play")
def put_play_on(request: HttpRequest, key: str, body: PlaySwitchIn) -> Any:
    """On or off."""
    return actions.switch_play(play=play_of(key), on=body.on, by=actor_of(request), at=timezone.now())


@router.get(
    "/plays/{key}/outcome",
    auth=Allow("plays.view"),
    response=PlayOutcomeOut,
    summary="What a play was good for",
)
def read_outcome(request: HttpRequest, key: str) -> Any:
    """Over every account, whoever asks: an effect of a territory would be of too few."""
    play, now = play_of(key), timezone.now()
    found, money = outcome_of(play, at=now), actor_of(request).may("contracts.view")
    measured = found.effect.measured
    both = bool(measured.treated[1] and measured.held[1])
    compared = matched_of(play, at=now) if not measured.held[1] else None
    hour = [round(one, 2) for one in found.per_hour] if money and found.per_hour else [None] * 3
    return {
        "play": play.key, "basis": found.effect.basis,
        "so_far": {arm: list(pair) for arm, pair in so_far(play, at=now).items()},
        "treated": list(measured.treated), "held": list(measured.held),
        "difference": measured.difference if both else None, "low": measured.low if both else None,
        "high": measured.high if both else None, "effect": found.effect.pooled.value,
        "effect_error": found.effect.pooled.error, "own_weight": found.effect.pooled.own,
        "matched": compared and {"difference": compared.difference, "low": compared.low, "high": compared.high,
                                 "treated": compared.treated, "others": compared.others, "left_out": compared.left_out},
        "runs": found.runs, "hours": found.hours, "cost": round(found.cost, 2),
        "gained": round(found.gained, 2) if money else None, "gained_low": round(found.gained_low, 2) if money else None,
        "gained_high": round(found.gained_high, 2) if money else None,
        "gained_per_hour": hour[0], "gained_per_hour_low": hour[1], "gained_per_hour_high": hour[2],
        "aim": play.aim, "unweighed": found.unweighed,
    }  # fmt: skip


@router.get(
    "/plays/{key}/dry-run",
    auth=Allow("plays.view"),
    response=DryRunOut,
    summary="Whom a play would have met",
)
def read_dry_run(request: HttpRequest, key: str) -> Any:
    """Over the last twelve weeks; 422 when it cannot be told."""
    try:
        found = dry_run(play_of(key), day=timezone.localdate(), actor=actor_of(request))
    except NotTold as error:
        raise ValidationError({"trigger": str(error)}) from None
    return {
        "weeks": [{"day": day, "met": met, "held": held} for day, met, held in found.weeks],
        "accounts": dict(found.accounts[:200]), "accounts_met": len(found.accounts), "now": found.now,
    }  # fmt: skip
