"""What a manager locked and dropped, as the planner takes it."""

from collections.abc import Sequence

from bihuan.act.plan.models import LineState, WeekPlan
from bihuan.act.plan.rules import Assignment, Candidate, Part


def locked_of(plan: WeekPlan) -> list[Assignment]:
    """What stays when the week is solved again."""
    rows = plan.lines.filter(state=LineState.PLANNED, locked=True).prefetch_related("parts")
    return [
        Assignment(
            account=row.account_id, play=row.play_id, worth=float(row.worth), explores=row.explores, locked=True,
            parts=tuple(Part(role=part.role, person=part.person_id, minutes=part.minutes) for part in row.parts.all()),
        )
        for row in rows
    ]  # fmt: skip


def wanted(plan: WeekPlan, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Without what a manager dropped."""
    unwanted = dropped_of(plan)
    return [one for one in candidates if (one.account, one.play) not in unwanted]


def dropped_of(plan: WeekPlan) -> set[tuple[int, int]]:
    """(account, play) of what a manager does not want."""
    return set(plan.lines.filter(state=LineState.DROPPED).values_list("account_id", "play_id"))
