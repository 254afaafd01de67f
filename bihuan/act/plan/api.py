"""REST of the weekly plan."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.act.plan import actions
from bihuan.act.plan.models import PlanLine, WeekPlan
from bihuan.act.plan.queries import job_without, plan_of
from bihuan.base.access import Allow, Reach, actor_of
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

router = Router(tags=["Weekly plan"])


class WeekPlanOut(Schema):
    """A week. `figures`, for those who may edit it: value, bound, gap, worth of one more hour by role, what was left out and
    why, minutes of each person."""

    id: int
    monday: date
    state: str
    solved_at: datetime | None
    published_at: datetime | None
    published_by_name: str
    figures: dict[str, Any]
    job_id: int | None


class PlanPartOut(Schema):
    """What one person does of a line."""

    person_id: int
    role: str
    minutes: int


class PlanLineOut(Schema):
    """A play for an account; `worth` is what it is expected to keep a year."""

    id: int
    account_id: int
    play_id: int
    play_title: str
    person_id: int
    minutes: int
    parts: list[PlanPartOut]
    effect: float
    effect_se: float
    basis: str
    value: Decimal
    worth: Decimal
    reason: str
    explores: bool
    locked: bool
    source: str
    state: str
    day: date | None
    run_id: int | None

    @staticmethod
    def resolve_parts(row: PlanLine) -> list[Any]:
        """The longest first."""
        return list(row.parts.all())


class PlanLineIn(Schema):
    """A play to add."""

    account_id: int = Field(..., ge=1, le=2**63 - 1)
    play_id: int = Field(..., ge=1, le=2**63 - 1)
    person_id: int = Field(..., ge=1, le=2**63 - 1)


class PlanLineChange(Schema):
    """What to change: who leads it, whether it is locked, on which day of the week it is done."""

    person_id: int | None = Field(None, ge=1, le=2**63 - 1)
    locked: bool | None = None
    day: date | None = None


class WithoutIn(Schema):
    """Who is away."""

    person_id: int = Field(..., ge=1, le=2**63 - 1)


class WithoutAskedOut(Schema):
    """The job that solves it."""

    job: int


class WithoutOut(Schema):
    """The week with and without somebody; `lost` is what their being away costs, the others count lines. None before the job is
    done, which `state` says."""

    state: str
    person_id: int
    before: float | None = None
    after: float | None = None
    lost: float | None = None
    gone: int | None = None
    come: int | None = None
    moved: int | None = None


class RunsOut(Schema):
    """How many runs of plays."""

    runs: int


def _plan(monday: date) -> WeekPlan:
    plan = plan_of(monday)
    if plan is None:
        raise Http404
    return plan


def _shown(plan: WeekPlan, request: HttpRequest) -> WeekPlan:
    actor = actor_of(request)
    if not actor.may("plan.edit") or actor.reach != Reach.ALL:
        plan.figures = {}
    return plan


def _whole(request: HttpRequest) -> None:
    if actor_of(request).reach != Reach.ALL:
        raise PermissionDenied(_("The weekly plan needs the territory of all customers."))


@router.get("/week-plans", auth=Allow("plan.view"), response=list[WeekPlanOut], summary="List weekly plans")
@paginate
def list_week_plans(request: HttpRequest) -> Any:
    """The newest first, without figures: read one for these."""
    return WeekPlan.objects.defer("figures")


@router.get(
    "/week-plans/{monday}", auth=Allow("plan.view"), response=WeekPlanOut, summary="Read a weekly plan"
)
def read_week_plan(request: HttpRequest, monday: date) -> Any:
    """404 for a week without one."""
    return _shown(_plan(monday), request)


@router.post(
    "/week-plans/{monday}/solve", auth=Allow("plan.edit"), response=WeekPlanOut, summary="Solve a week"
)
def solve_week_plan(request: HttpRequest, monday: date) -> Any:
    """A job does it: `job_id`. 422 for a published week and for a day that is no Monday."""
    _whole(request)
    return _shown(actions.ask_for_a_plan(monday=monday, by=actor_of(request), at=timezone.now()), request)


@router.get(
    "/week-plans/{monday}/lines",
    auth=Allow("plan.view"),
    response=list[PlanLineOut],
    summary="List lines of a week",
)
@paginate
def list_plan_lines(request: HttpRequest, monday: date) -> Any:
    """The worthiest first; one's own, and for those who may edit all of the territory."""
    rows = _plan(monday).lines.planned().visible_to(actor_of(request))
    return rows.prefetch_related("parts")


@router.post(
    "/week-plans/{monday}/lines", auth=Allow("plan.edit"), response={201: PlanLineOut}, summary="Add a line to a week"
)  # fmt: skip
def create_plan_line(request: HttpRequest, monday: date, body: PlanLineIn) -> Any:
    """422 names the field that is wrong."""
    _whole(request)
    account = get_object_or_404(Account.objects.visible_to(actor_of(request)), pk=body.account_id)
    person = get_object_or_404(Staff, pk=body.person_id)
    return 201, actions.add_line(
        plan=_plan(monday),
        account=account,
        play_id=body.play_id,
        person=person,
        by=actor_of(request),
        at=timezone.now(),
    )


@router.post(
    "/week-plans/{monday}/without", auth=Allow("plan.edit"), response={202: WithoutAskedOut},
    summary="Solve a week without somebody",
)  # fmt: skip
def ask_week_without(request: HttpRequest, monday: date, body: WithoutIn) -> Any:
    """In the background, with and without them; read what came of it by the number of the job."""
    _whole(request)
    person, plan = get_object_or_404(Staff, pk=body.person_id), _plan(monday)
    row = actions.ask_without(plan=plan, person_id=person.pk, by=actor_of(request), at=timezone.now())
    return 202, {"job": row.pk}


@router.get(
    "/week-plans/{monday}/without/{int:pk}", auth=Allow("plan.edit"), response=WithoutOut,
    summary="What changes if somebody is away",
)  # fmt: skip
def read_week_without(request: HttpRequest, monday: date, pk: int) -> Any:
    """What the job found; without figures while it waits or runs. 404 for a job about something else."""
    _whole(request)
    row = job_without(str(pk), plan=_plan(monday))
    if row is None:
        raise Http404
    return {"state": row.state, "person_id": row.args["person_id"]} | (row.result or {})


@router.post(
    "/week-plans/{monday}/publish", auth=Allow("plan.edit"), response=RunsOut, summary="Publish a week"
)
def publish_week_plan(request: HttpRequest, monday: date) -> Any:
    """Every line becomes work. 422 for a published or an empty week."""
    _whole(request)
    runs, _refused = actions.publish_week(plan=_plan(monday), by=actor_of(request), at=timezone.now())
    return {"runs": runs}


@router.post(
    "/week-plans/{monday}/take-back", auth=Allow("plan.edit"), response=RunsOut, summary="Take a week back"
)
def take_week_plan_back(request: HttpRequest, monday: date) -> Any:
    """422 once somebody has begun."""
    _whole(request)
    return {"runs": actions.take_back(plan=_plan(monday), by=actor_of(request), at=timezone.now())}


def _line(request: HttpRequest, pk: int) -> PlanLine:
    rows = PlanLine.objects.visible_to(actor_of(request)).select_related("plan", "account")
    return get_object_or_404(rows, pk=pk)


@router.patch(
    "/week-plan-lines/{int:pk}",
    auth=Allow("plan.edit"),
    response=PlanLineOut,
    summary="Change a line of a week",
)
def update_plan_line(request: HttpRequest, pk: int, body: PlanLineChange) -> Any:
    """Give it to somebody else, lock or unlock it: 422 in a published week. Do it on another day: its work item is due then."""
    line, by, at = _line(request, pk), actor_of(request), timezone.now()
    if body.person_id is not None:
        line = actions.move_line(line=line, person=get_object_or_404(Staff, pk=body.person_id), by=by, at=at)
    if body.locked is not None:
        line = actions.lock_line(line=line, locked=body.locked, by=by, at=at)
    if body.day is not None:
        line = actions.lay_line(line=line, day=body.day, by=by, at=at)
    return line


@router.delete(
    "/week-plan-lines/{int:pk}",
    auth=Allow("plan.edit"),
    response={204: None},
    summary="Drop a line of a week",
)
def delete_plan_line(request: HttpRequest, pk: int) -> Any:
    """It does not come back when the week is solved again."""
    actions.drop_line(line=_line(request, pk), by=actor_of(request), at=timezone.now())
    return 204, None
