"""Scheduled work of the weekly plan."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bihuan.act.plan.actions import solve_week
from bihuan.act.plan.models import PlanState
from bihuan.act.plan.queries import WITHOUT, plan_of, week_to_plan, without, without_as_json
from bihuan.base.jobs import Run, job


@job("plan.solve", title=_("Solve the weekly plan"), attempts=2)
def solve(run: Run, monday: str) -> None:
    """What somebody asked for; a week that was published meanwhile stays as it is."""
    try:
        plan = solve_week(
            monday=date.fromisoformat(monday), by=run.by, at=run.at,
            progress=lambda done, total: run.progress(done=done, total=total),
        )  # fmt: skip
    except ValidationError as error:
        run.result({"refused": " ".join(error.messages)})
        return
    run.result(
        {
            "lines": plan.lines.planned().count(),
            "gap": plan.figures["gap"],
            "seconds": plan.figures["seconds"],
        }
    )


@job(WITHOUT, title=_("Solve the week without somebody"), attempts=2)
def leave_out(run: Run, monday: str, person_id: int) -> None:
    """What changes if somebody is away; only the job keeps it."""
    plan = plan_of(date.fromisoformat(monday))
    if plan is None:
        run.result({"refused": str(_("This week is not planned."))})
        return
    found = without(
        plan,
        person_id=person_id,
        at=run.at,
        progress=lambda done, total: run.progress(done=done, total=total),
    )
    run.result(without_as_json(found, person_id=person_id))


@job("plan.draft", title=_("Draft the plan of next week"), every="0 20 * * 5,0")
def draft(run: Run) -> None:
    """Friday evening, and again Sunday night with what happened since; a published week stays as it is."""
    monday = week_to_plan(at=run.at)
    known = plan_of(monday)
    if known is not None and known.state == PlanState.PUBLISHED:
        run.result({"published": True})
        return
    plan = solve_week(monday=monday, by=run.by, at=run.at)
    run.result({"lines": plan.lines.planned().count(), "gap": plan.figures["gap"]})
