"""REST of tiers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.foresee.tiers import actions
from bihuan.foresee.tiers.models import TierMove, TierRules
from bihuan.foresee.tiers.queries import (
    Moves,
    exception_of,
    load_of_staff,
    moves_by,
    offered,
    policies,
    policy_of,
    scores_of,
    shared,
    table_of,
)
from bihuan.foresee.tiers.rules import MOST_COLUMNS, MOST_ROWS, Grid, Row, RulesError, as_dmn, grid_of
from bihuan.know.accounts.queries import visible_account
from bihuan.know.staff.models import Staff

router = Router(tags=["Tiers"])
Tier = Literal["S", "A", "B", "C"]
Role = Literal["sales", "operations", "product", "analyst"]
Score = Annotated[int | None, Field(ge=0, le=100)]
MOST_SHOWN = 500


class TierRowIn(Schema):
    """One rule: a test for each column (`-` fits everything), the tier, and why."""

    cells: list[Annotated[str, Field(max_length=200)]] = Field(
        ..., max_length=MOST_COLUMNS, examples=[[">= 40000", "-"]]
    )
    tier: Tier
    note: str = Field("", max_length=120)


class TierGridIn(Schema):
    """Rules as a plain table; the first row whose cells all fit decides."""

    columns: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        ..., min_length=1, max_length=MOST_COLUMNS, examples=[["m.mrr", "m.potential"]]
    )
    rows: list[TierRowIn] = Field(..., min_length=1, max_length=MOST_ROWS)
    note: str = Field("", max_length=200)


class TierRowOut(Schema):
    """One rule."""

    cells: list[str]
    tier: str
    note: str


class TierRulesOut(Schema):
    """The rules in force, as a table and as a DMN file."""

    version: int
    note: str
    created_by: str
    created_at: datetime
    applied_at: datetime | None
    columns: list[str]
    rows: list[TierRowOut]
    xml: str


class TierMoveOut(Schema):
    """An account that would move, or moved; `row` decides (0: an exception)."""

    account_id: int
    name: str
    before: str
    after: str
    row: int
    exception: bool


class TierPreviewOut(Schema):
    """Who would move (the first five hundred), and how many accounts each tier has and would have ("": none)."""

    number: int
    moves: list[TierMoveOut]
    before: dict[str, int]
    after: dict[str, int]
    without_rule: int
    problems: dict[str, int]


class PastMoveOut(Schema):
    """A move between tiers: by rules (`version`, `row`), by an exception, or by hand."""

    id: int
    account_id: int
    day: date
    before: str
    after: str
    why: str
    version: int | None
    row: int | None
    reason: str
    by_name: str


class TierExceptionIn(Schema):
    """Another tier than by rule, until the day before `expires_on`."""

    tier: Tier
    reason: str = Field(..., min_length=1, max_length=300, examples=["标杆客户"])
    expires_on: date


class TierExceptionOut(Schema):
    """The exception that holds."""

    tier: str
    reason: str
    author_name: str
    from_day: date
    expires_on: date


class AccountScoresIn(Schema):
    """What somebody holds of an account, 0 to 100; what is not given stays."""

    potential: Score = None
    strategy_fit: Score = None
    brand: Score = None


class ServicePolicyOut(Schema):
    """What a tier gets."""

    tier: str
    roles: list[str]
    touch_days: int
    touch_minutes: int
    first_answer_hours: int
    solved_hours: int


class ServicePolicyIn(Schema):
    """What to change; what is not given stays."""

    roles: list[Role] | None = Field(None, max_length=4)
    touch_days: int | None = Field(None, ge=1, le=365)
    touch_minutes: int | None = Field(None, ge=1, le=600)
    first_answer_hours: int | None = Field(None, ge=1, le=200)
    solved_hours: int | None = Field(None, ge=1, le=1000)


class AccountTierOut(Schema):
    """Where an account is, why, and what service it gets."""

    account_id: int
    tier: str
    exception: TierExceptionOut | None
    scores: dict[str, int]
    policy: ServicePolicyOut


class StaffLoadOut(Schema):
    """What the policies ask of one of us, in minutes a week, and the minutes there are."""

    staff_id: int
    name: str
    accounts: dict[str, int]
    minutes: float
    capacity: int
    share: float | None


class CapacityIn(Schema):
    """The minutes a week that somebody has for touching customers."""

    minutes: int = Field(..., ge=0, le=6000)


class ParetoRowOut(Schema):
    """An account, its value, and the share of the whole that it and those before it bring."""

    account_id: int
    name: str
    tier: str
    value: float
    share_so_far: float


class ParetoOut(Schema):
    """Which customers bring what share; `rows` are the first five hundred."""

    by: str
    total: float
    accounts: int
    top: int
    top_share: float
    half: int
    below: int
    rows: list[ParetoRowOut]


def _rules(row: TierRules) -> dict[str, Any]:
    try:
        grid = grid_of(table_of(row))
    except RulesError as error:
        raise HttpError(422, f"the rules in force cannot be used any more: {error}") from None
    fields = ("version", "note", "created_by", "created_at", "applied_at", "xml")
    return {name: getattr(row, name) for name in fields} | {
        "columns": list(grid.columns),
        "rows": list(grid.rows),
    }


class ApplyingOut(Schema):
    """The job that applies the rules."""

    job: int


def _xml(body: TierGridIn) -> str:
    rows = tuple(Row(cells=tuple(row.cells), tier=row.tier, note=row.note) for row in body.rows)
    try:
        return as_dmn(Grid(columns=tuple(body.columns), rows=rows))
    except ValueError:
        raise HttpError(
            422, "rules: a text holds a character that XML does not allow; leave it out"
        ) from None


def _preview(found: Moves) -> dict[str, Any]:
    return {
        "number": len(found.moves), "moves": found.moves[:MOST_SHOWN], "before": found.before, "after": found.after,
        "without_rule": found.without_rule, "problems": found.problems,
    }  # fmt: skip


@router.get("/tiers/rules", auth=Allow("tiers.view"), response=TierRulesOut, summary="Read the tier rules")
def read_tier_rules(request: HttpRequest) -> Any:
    """The version in force."""
    return _rules(actions.ensure_rules(at=timezone.now()))


@router.put("/tiers/rules", auth=Allow("tiers.edit"), response=TierRulesOut, summary="Change the tier rules")
def put_tier_rules(request: HttpRequest, body: TierGridIn) -> Any:
    """The next version; nobody moves before it is applied. 422 names each row and problem."""
    return _rules(actions.save_rules(xml=_xml(body), note=body.note, by=actor_of(request), at=timezone.now()))


@router.post(
    "/tiers/preview", auth=Allow("tiers.edit"), response=TierPreviewOut, summary="Who would move by rules"
)
def preview_tiers(request: HttpRequest, body: TierGridIn) -> Any:
    """Within the territory, as of today; nothing is saved."""
    return _preview(moves_by(actions.checked(_xml(body)), day=timezone.localdate(), actor=actor_of(request)))


@router.post("/tiers/apply", auth=Allow("tiers.edit"), response={202: ApplyingOut}, summary="Apply the tier rules")  # fmt: skip
def apply_tiers(request: HttpRequest) -> Any:
    """In the background, within the territory of who asks; one that waits already is that one. `/tiers/moves` says who
    moved; applying again moves nobody."""
    return 202, {"job": actions.ask_to_apply(by=actor_of(request), at=timezone.now()).pk}


@router.get(
    "/tiers/moves", auth=Allow("tiers.view"), response=list[PastMoveOut], summary="List moves between tiers"
)
@paginate
def list_tier_moves(
    request: HttpRequest, account_id: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
) -> Any:
    """The newest first, within the territory."""
    rows = TierMove.objects.visible_to(actor_of(request))
    return rows if account_id is None else rows.filter(account_id=account_id)


@router.get(
    "/accounts/{int:pk}/tier", auth=Allow("tiers.view"), response=AccountTierOut, summary="Read an account's tier"
)  # fmt: skip
def read_account_tier(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    account, today = visible_account(pk=pk, actor=actor_of(request)), timezone.localdate()
    return {
        "account_id": account.pk, "tier": account.tier, "exception": exception_of(account_id=account.pk, on=today),
        "scores": scores_of(account_id=account.pk, on=today), "policy": policy_of(account.tier),
    }  # fmt: skip


@router.put(
    "/accounts/{int:pk}/tier-exception",
    auth=Allow("tiers.override"),
    response=TierExceptionOut,
    summary="Grant an exception",
)
def put_tier_exception(request: HttpRequest, pk: int, body: TierExceptionIn) -> Any:
    """It counts at once; an earlier one ends."""
    actor = actor_of(request)
    account = visible_account(pk=pk, actor=actor)
    return actions.grant_exception(account=account, by=actor, at=timezone.now(), **body.dict())


@router.delete(
    "/accounts/{int:pk}/tier-exception",
    auth=Allow("tiers.override"),
    response={204: None},
    summary="End an exception",
)
def delete_tier_exception(request: HttpRequest, pk: int) -> Any:
    """The account goes where the rules put it."""
    actor = actor_of(request)
    actions.end_exception(account=visible_account(pk=pk, actor=actor), by=actor, at=timezone.now())
    return 204, None


@router.put(
    "/accounts/{int:pk}/scores",
    auth=Allow("tiers.score"),
    response=AccountTierOut,
    summary="Judge an account",
)
def put_account_scores(request: HttpRequest, pk: int, body: AccountScoresIn) -> Any:
    """From today on."""
    actor = actor_of(request)
    actions.judge_account(
        account=visible_account(pk=pk, actor=actor), scores=body.dict(), by=actor, at=timezone.now()
    )
    return read_account_tier(request, pk)


@router.get(
    "/tiers/policies",
    auth=Allow("tiers.view"),
    response=list[ServicePolicyOut],
    summary="List service policies",
)
def list_service_policies(request: HttpRequest) -> Any:
    """Of every tier, S first."""
    return list(policies().values())


@router.patch(
    "/tiers/policies/{tier}",
    auth=Allow("tiers.edit"),
    response=ServicePolicyOut,
    summary="Change a service policy",
)
def update_service_policy(request: HttpRequest, tier: Tier, body: ServicePolicyIn) -> Any:
    """What is not given stays."""
    fields = {name: value for name, value in body.dict(exclude_unset=True).items() if value is not None}
    actions.change_policy(tier=tier, by=actor_of(request), at=timezone.now(), **fields)
    return policy_of(tier)


@router.get(
    "/tiers/load", auth=Allow("tiers.view"), response=list[StaffLoadOut], summary="Load of our people"
)
def list_load(request: HttpRequest) -> Any:
    """What the policies ask of everybody who serves a customer of the territory, the fullest first."""
    return [
        {"staff_id": one.staff.pk, "name": one.staff.name, "accounts": one.accounts, "minutes": one.minutes,
         "capacity": one.capacity, "share": one.share}
        for one in load_of_staff(actor_of(request))[:MOST_SHOWN]
    ]  # fmt: skip


@router.put(
    "/tiers/capacities/{int:pk}", auth=Allow("tiers.edit"), response=CapacityIn, summary="Set a capacity"
)
def put_capacity(request: HttpRequest, pk: int, body: CapacityIn) -> Any:
    """Minutes a week of one of us."""
    staff = get_object_or_404(Staff, pk=pk)
    return actions.set_capacity(staff=staff, minutes=body.minutes, by=actor_of(request), at=timezone.now())


@router.get("/tiers/pareto", auth=Allow("tiers.view"), response=ParetoOut, summary="Who brings most")
def read_pareto(request: HttpRequest, by: Literal["revenue", "margin", "usage"] = "usage") -> Any:
    """Within the territory, as of today. 422 for money when you may not see contracts. Accounts that cost more than they bring
    (margin below 0) are counted in `below`, not in the curve."""
    there = {one.name: one for one in offered(actor_of(request))}
    if by not in there:
        raise HttpError(422, f"by: {by} is not there for you; there is: {', '.join(there)}")
    found = shared(there[by], day=timezone.localdate(), actor=actor_of(request))
    rows = [
        {"account_id": pk, "name": name, "tier": tier, "value": value, "share_so_far": part}
        for pk, name, tier, value, part in found.rows[:MOST_SHOWN]
    ]
    one = found.found
    return {"by": by, "total": one.total, "accounts": one.accounts, "top": one.top, "top_share": one.top_share,
            "half": one.half, "below": len(found.below), "rows": rows}  # fmt: skip
