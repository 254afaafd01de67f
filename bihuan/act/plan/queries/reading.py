"""Plans as pages and programs read them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.act.plan.models import PlanLine, PlanPart, WeekPlan, origin_of
from bihuan.act.plan.queries.days import Column, columns_of
from bihuan.act.plays.queries import RunResult, results_of, titles
from bihuan.base.access import Actor
from bihuan.know.staff.models import Staff


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def week_to_plan(*, at: datetime) -> date:
    """The Monday of this week; from Friday on that of the next."""
    today = timezone.localdate(at)
    return monday_of(today) + timedelta(days=7 if today.weekday() >= 4 else 0)


def plan_of(monday: date) -> WeekPlan | None:
    """The plan of a week."""
    return WeekPlan.objects.filter(monday=monday).first()


def lines_of(plan: WeekPlan, *, actor: Actor) -> list[PlanLine]:
    """What is planned and the actor may see, the worthiest first, with who does what."""
    rows = (
        plan.lines.planned()
        .visible_to(actor)
        .select_related("account", "person")
        .prefetch_related("parts__person")
    )
    return in_words(list(rows))


def in_words(lines: list[PlanLine]) -> list[PlanLine]:
    """With the title of each play in the reader's language; that of a play which is gone as it was."""
    known = titles({line.play_id for line in lines})
    for line in lines:
        line.play_title = known.get(line.play_id, line.play_title)
    return lines


@dataclass(kw_only=True)
class Row:
    """A person's week: parts as (line, part), minutes planned and there, what their lines are expected to keep, and
    the days as columns."""

    staff: Staff
    parts: list[tuple[PlanLine, PlanPart]] = field(default_factory=list)
    minutes: int = 0
    there: int = 0
    away: int = 0
    due: int = 0
    worth: Decimal = Decimal(0)
    columns: list[Column] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether more is planned than fits."""
        return self.minutes > self.there


def by_person(plan: WeekPlan, lines: Iterable[PlanLine], *, actor: Actor) -> list[Row]:
    """A row for everybody who had time or has a line, by name, those with lines first; whoever may not edit sees their own."""
    known = plan.figures.get("people", {})
    rows: dict[int, Row] = {}
    ids = [int(pk) for pk in known] if actor.may("plan.edit") else [actor.user_id or 0]
    for staff in Staff.objects.filter(pk__in=ids):
        rows[staff.pk] = Row(staff=staff)
    for line in lines:
        for part in line.parts.all():
            if not actor.may("plan.edit") and part.person_id != actor.user_id:
                continue
            row = rows.setdefault(part.person_id, Row(staff=part.person))
            row.parts.append((line, part))
            row.minutes += part.minutes
            if part.person_id == line.person_id:
                row.worth += line.worth
    for pk, row in rows.items():
        told = known.get(str(pk), {})
        row.there, row.away, row.due = told.get("minutes", 0), told.get("away", 0), told.get("due", 0)
        row.columns = columns_of(plan, row.parts, person_id=pk)
    return sorted(rows.values(), key=lambda row: (not row.parts, row.staff.name, row.staff.pk))


#: States of a run in words.
STATES = {
    "": gettext_lazy("not begun"), "proposed": pgettext_lazy("play", "Proposed"),
    "confirmed": pgettext_lazy("play", "Confirmed"),
    "running": pgettext_lazy("play", "Running"), "done": pgettext_lazy("play", "Done"),
    "declined": pgettext_lazy("play", "Declined"), "skipped": pgettext_lazy("play", "Skipped"),
    "expired": pgettext_lazy("play", "Expired"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A line against what became of it: `result` None when nothing did."""

    line: PlanLine
    result: RunResult | None

    @property
    def state(self) -> str:
        """Of its run; "" without one."""
        return str(self.result.state) if self.result else ""

    @property
    def said(self) -> str:
        """The state in words; one whose steps are all done is done, though its goal may be watched on."""
        if self.result is not None and self.result.carried:
            return str(STATES["done"])
        return str(STATES.get(self.state, self.state))


@dataclass(frozen=True, kw_only=True)
class Review:
    """A week looked back at: how many lines were planned and done (all their steps carried out), minutes planned and spent,
    goals reached among those that are known, and what was expected of what was done."""

    outcomes: list[Outcome]
    planned: int
    done: int
    minutes: int
    spent: int
    known: int
    reached: int
    worth: Decimal
    worth_done: Decimal
    states: dict[str, int]

    @property
    def missed(self) -> int:
        """Goals of which it is known that they were not reached."""
        return self.known - self.reached

    @property
    def open(self) -> int:
        """Of what was done, goals that are watched on. Those reached are known before those missed, so that a share of the
        known ones would be too good."""
        return self.done - self.known


def review_of(plan: WeekPlan, *, actor: Actor) -> Review:
    """Plan against done against effect, of the lines that the actor may see."""
    found = {one.run_id: one for one in results_of(origin_of(plan))}
    outcomes = [
        Outcome(line=line, result=found.get(line.run_id or 0)) for line in lines_of(plan, actor=actor)
    ]
    done = [one for one in outcomes if one.result is not None and one.result.carried]
    goals = [one.result.goal_reached for one in done if one.result and one.result.goal_reached is not None]
    return Review(
        outcomes=outcomes, planned=len(outcomes), done=len(done), minutes=sum(one.line.minutes for one in outcomes),
        spent=sum(one.result.minutes_spent or 0 for one in outcomes if one.result), known=len(goals),
        reached=goals.count(True),
        worth=sum((one.line.worth for one in outcomes), Decimal(0)),
        worth_done=sum((one.line.worth for one in done), Decimal(0)), states=dict(Counter(one.state for one in outcomes)),
    )  # fmt: skip
