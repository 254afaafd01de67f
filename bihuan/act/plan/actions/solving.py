"""A week is solved: what is locked stays, what was dropped does not come back, everything else is new."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.plan.actions.days import lay_out
from bihuan.act.plan.events import WeekPlanned
from bihuan.act.plan.models import LineState, PlanLine, PlanPart, PlanState, Source, WeekPlan
from bihuan.act.plan.queries.gathering import Week, gathered
from bihuan.act.plan.queries.locks import locked_of, wanted
from bihuan.act.plan.queries.what_if import WITHOUT
from bihuan.act.plan.rules import Assignment, Plan, solve
from bihuan.act.plays.queries import Candidate as Offer
from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.jobs import enqueue
from bihuan.base.jobs.models import Job

STEPS = 3


@transaction.atomic
def ask_for_a_plan(*, monday: date, by: Actor, at: datetime) -> WeekPlan:
    """Let a job solve the week; asked again while it waits, it is solved once. ValidationError for a published week, and for a
    day that is no Monday."""
    plan = _draft(monday, at=at)
    job = enqueue("plan.solve", by=by, at=at, unique_key=f"plan.solve:{monday}", monday=monday.isoformat())
    plan.job_id = job.pk
    plan.save(update_fields=["job_id"])
    return plan


def ask_without(*, plan: WeekPlan, person_id: int, by: Actor, at: datetime) -> Job:
    """Let a job solve the week without somebody; asked again while it waits, it is solved once."""
    return enqueue(
        WITHOUT, by=by, at=at, unique_key=f"{WITHOUT}:{plan.monday}:{person_id}", monday=plan.monday.isoformat(),
        person_id=person_id,
    )  # fmt: skip


def solve_week(
    *, monday: date, by: Actor, at: datetime, progress: Callable[[int, int], None] | None = None
) -> WeekPlan:
    """Solve the week now, in three steps: gathering, solving, keeping. ValidationError for a published week."""
    plan = _draft(monday, at=at)
    tell = progress or (lambda _done, _all: None)
    week = gathered(monday=monday, at=at)
    tell(1, STEPS)
    found = solve(
        candidates=wanted(plan, week.candidates),
        people=week.people,
        limits=week.limits,
        locked=locked_of(plan),
    )
    tell(2, STEPS)
    keep(plan, found, week=week, by=by, at=at)
    tell(3, STEPS)
    return plan


def _draft(monday: date, *, at: datetime) -> WeekPlan:
    if monday.weekday() != 0:
        raise ValidationError(
            {"monday": _("%(day)s is no Monday: name the Monday of the week.") % {"day": monday}}
        )
    plan, _new = WeekPlan.objects.get_or_create(monday=monday, defaults={"created_at": at})
    must_be_draft(plan)
    return plan


def must_be_draft(plan: WeekPlan) -> None:
    """ValidationError unless it may be changed."""
    if plan.state != PlanState.DRAFT:
        raise ValidationError(
            _("This week is published. Take it back first; that works until somebody begins.")
        )


@transaction.atomic
def keep(plan: WeekPlan, found: Plan, *, week: Week, by: Actor, at: datetime) -> None:
    """In place of every line that is neither locked nor dropped."""
    row = WeekPlan.objects.select_for_update().get(pk=plan.pk)
    must_be_draft(row)
    row.lines.filter(state=LineState.PLANNED, locked=False).delete()
    taken = set(row.lines.filter(state=LineState.PLANNED).values_list("account_id", flat=True))
    new = [one for one in found.assignments if not one.locked and one.account not in taken]
    lines = [
        line_of(row, one, offer=week.offers[one.account, one.play], source=Source.PLANNER) for one in new
    ]
    PlanLine.objects.bulk_create(lines, batch_size=500)
    PlanPart.objects.bulk_create(
        [part for line, one in zip(lines, new, strict=True) for part in parts_of(line, one)], batch_size=500
    )
    row.parameters = {
        "practical": week.told.practical, "explore": week.told.explore, "touch_penalty": week.told.touch_penalty,
        "candidates": len(week.candidates), "gap": week.limits.gap,
    }  # fmt: skip
    row.figures = figures_of(found, week=week)
    row.solved_at = at
    row.save(update_fields=["parameters", "figures", "solved_at"])
    lay_out(row)
    worth = sum((Decimal(str(round(one.worth, 2))) for one in found.assignments), Decimal(0))
    fact = WeekPlanned(
        plan_id=row.pk, monday=row.monday.isoformat(), lines=len(found.assignments), worth=str(worth),
        gap=round(found.gap, 6),
    )  # fmt: skip
    publish(fact, by=by, at=at)
    plan.refresh_from_db()


def line_of(plan: WeekPlan, one: Assignment, *, offer: Offer, source: Source) -> PlanLine:
    """A line for an assignment, led by whoever has most to do; not saved."""
    lead = max(one.parts, key=lambda part: part.minutes)
    return PlanLine(
        plan=plan, account_id=one.account, play_id=one.play, play_key=offer.play_key, play_title=str(offer.play_title)[:200],
        person_id=lead.person, minutes=one.minutes, effect=float(offer.effect), effect_se=float(offer.effect_se),
        basis=str(offer.basis), value=Decimal(offer.value).quantize(Decimal("0.01")),
        worth=Decimal(str(round(one.worth, 2))), reason=str(offer.reason)[:400], explores=one.explores, source=source,
        locked=source == Source.MANAGER,
    )  # fmt: skip


def parts_of(line: PlanLine, one: Assignment) -> list[PlanPart]:
    """Who does what of it; not saved."""
    return [
        PlanPart(line=line, person_id=part.person, role=part.role, minutes=part.minutes) for part in one.parts
    ]


def figures_of(found: Plan, *, week: Week) -> dict[str, Any]:
    """What the page says of the whole week, as JSON."""
    offers = week.offers
    return {
        "value": round(found.value, 2), "objective": round(found.objective, 2), "bound": round(found.bound, 2),
        "gap": round(found.gap, 6), "seconds": round(found.seconds, 2), "reasons": dict(found.reasons),
        "hours": {role: asdict(hour) for role, hour in found.hours.items()},
        "left_out": [
            asdict(one) | {"title": str(offers[one.account, one.play].play_title)} for one in found.left_out
        ],
        "untouched": len(found.untouched), "must": len(week.limits.must),
        "people": {
            str(one.staff.pk): {
                "minutes": one.minutes, "working": one.working, "away": one.away, "due": one.due, "most": one.most,
                "days": {day.isoformat(): n for day, n in one.days.items()},
                "gone": sorted(day.isoformat() for day in one.gone),
            }
            for one in week.capacities
        },
    }  # fmt: skip
