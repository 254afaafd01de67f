"""The page of a week: by person, by account, what was left out, one more hour, somebody away, plan and result."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.act.plan.models import PlanLine, PlanState, WeekPlan
from bihuan.act.plan.pages import away
from bihuan.act.plan.pages.shared import REASONS, address, monday_from, tabs, view_of, weeks_around
from bihuan.act.plan.queries import (
    by_person,
    in_words,
    lines_of,
    plan_of,
    review_of,
    week_to_plan,
)
from bihuan.act.plays.queries import titles
from bihuan.act.processes.roles import role_title
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.jobs.models import Job
from bihuan.base.ui import nav_entry
from bihuan.know.accounts.models import Account, TeamRole
from bihuan.know.staff.models import Staff

SHOWN = 100


@allow("plan.view")
def this_week(request: HttpRequest) -> HttpResponse:
    """The week that is to be planned now."""
    return redirect(address(week_to_plan(at=timezone.now()), request.GET.get("view", "")))


@allow("plan.view")
def week_page(request: HttpRequest, monday: str) -> HttpResponse:
    """One week, looked at in one way."""
    day, actor = monday_from(monday), actor_of(request)
    ways = tabs(day, "", actor=actor)
    view = view_of(request, [way["name"] for way in ways])
    plan = plan_of(day)
    job = Job.objects.filter(pk=plan.job_id).first() if plan is not None and plan.job_id else None
    waits = job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING)
    lines = lines_of(plan, actor=actor) if plan is not None else []
    context: dict[str, Any] = {
        "monday": day, "plan": plan, "view": view, "tabs": tabs(day, view, actor=actor), "lines": lines,
        "may_edit": actor.may("plan.edit"), "job": job, "waits": waits, "number": len(lines),
        "draft": plan is not None and plan.state == PlanState.DRAFT, "solved": plan is not None and plan.solved_at is not None,
        "minutes": sum(line.minutes for line in lines), "worth": sum(line.worth for line in lines),
        "part": f"plan/parts/{view}.html",
    } | weeks_around(day)  # fmt: skip
    if plan is not None:
        context |= LOOKS[view](request, plan, lines, actor)
    return render(request, "plan/week.html", context)


def _people(request: HttpRequest, plan: WeekPlan, lines: list[PlanLine], actor: Actor) -> dict[str, Any]:
    everybody = by_person(plan, lines, actor=actor)
    return {
        "rows": [row for row in everybody if row.parts],
        "free": [row for row in everybody if not row.parts], "me": actor.user_id,
    }  # fmt: skip


def _accounts(request: HttpRequest, plan: WeekPlan, lines: list[PlanLine], actor: Actor) -> dict[str, Any]:
    return {"shown": lines[:SHOWN], "more": max(0, len(lines) - SHOWN)}


def _left(request: HttpRequest, plan: WeekPlan, lines: list[PlanLine], actor: Actor) -> dict[str, Any]:
    """Candidates by reason, and the worthiest of each account that got nothing."""
    found = plan.figures.get("left_out", [])
    names = dict(
        Account.objects.visible_to(actor)
        .filter(pk__in=[one["account"] for one in found])
        .values_list("pk", "name")
    )
    known = titles({one["play"] for one in found})
    rows = [
        one | {
            "title": known.get(one["play"], one["title"]), "name": names[one["account"]],
            "why": REASONS.get(one["reason"], one["reason"]), "role": title_of(one["role"]),
        }
        for one in found if one["account"] in names
    ]  # fmt: skip
    counts = [(REASONS.get(name, name), number) for name, number in plan.figures.get("reasons", {}).items()]
    dropped = plan.lines.filter(state="dropped").visible_to(actor).select_related("account")
    return {
        "left": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "counts": counts,
        "dropped": in_words(list(dropped[:SHOWN])),
    }


def _hours(request: HttpRequest, plan: WeekPlan, lines: list[PlanLine], actor: Actor) -> dict[str, Any]:
    """By role, the dearest first."""
    found = plan.figures.get("hours", {})
    names = dict(
        Staff.objects.filter(pk__in=[one["person"] for one in found.values()]).values_list("pk", "name")
    )
    rows = [
        {"role": title_of(role), "worth": one["worth"], "name": names.get(one["person"], "")}
        for role, one in found.items()
    ]
    return {"hours": sorted(rows, key=lambda row: -row["worth"])}


def _away(request: HttpRequest, plan: WeekPlan, lines: list[PlanLine], actor: Actor) -> dict[str, Any]:
    """Nothing is solved before somebody is chosen."""
    return away.shown(request, plan, actor=actor)


def _review(request: HttpRequest, plan: WeekPlan, lines: list[PlanLine], actor: Actor) -> dict[str, Any]:
    found = review_of(plan, actor=actor)
    return {"review": found, "outcomes": found.outcomes[:SHOWN], "more": max(0, found.planned - SHOWN)}


LOOKS = {
    "people": _people, "accounts": _accounts, "left": _left, "hours": _hours, "away": _away, "review": _review,
}  # fmt: skip


def title_of(role: str) -> str:
    """A role of a team, or one of us, in words."""
    known = dict(TeamRole.choices)
    return str(known[role]) if role in known else role_title(role) if role else ""


nav_entry("plan", title=gettext_lazy("Weekly plan"), url="plan:this_week", section="workbench", permission="plan.view",
          icon="calendar-due", order=5)  # fmt: skip
