"""What changes when somebody is away: the week is solved again, and nothing is kept of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bihuan.act.plan.models import WeekPlan
from bihuan.act.plan.queries.gathering import gathered
from bihuan.act.plan.queries.locks import locked_of, wanted
from bihuan.act.plan.rules import Assignment, solve
from bihuan.base.jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class Without:
    """The week with and without somebody: worth of both, lines that go, come, and pass to other people. Of what is locked, the
    lines of whoever is away are open."""

    before: float
    after: float
    gone: list[Assignment]
    come: list[Assignment]
    moved: list[tuple[Assignment, Assignment]]
    seconds: float

    @property
    def lost(self) -> float:
        """What their being away costs."""
        return self.before - self.after


#: Steps that `without` tells of, and how many lines of each kind are kept of it.
STEPS, KEPT = 3, 100
WITHOUT = "plan.without"


def without(
    plan: WeekPlan, *, person_id: int, at: datetime, progress: Callable[[int, int], None] | None = None
) -> Without:
    """Both weeks solved with the same numbers, so that the difference is the person's. It takes seconds: pages and programs let
    a job do it."""
    tell = progress or (lambda _done, _all: None)
    week = gathered(monday=plan.monday, at=at)
    tell(1, STEPS)
    locks = locked_of(plan)
    candidates = wanted(plan, week.candidates)
    whole = solve(candidates=candidates, people=week.people, limits=week.limits, locked=locks)
    tell(2, STEPS)
    fewer = solve(
        candidates=candidates, people=[one for one in week.people if one.id != person_id], limits=week.limits,
        locked=[one for one in locks if all(part.person != person_id for part in one.parts)],
    )  # fmt: skip
    tell(3, STEPS)
    then = {(one.account, one.play): one for one in whole.assignments}
    now = {(one.account, one.play): one for one in fewer.assignments}
    return Without(
        before=whole.value, after=fewer.value, gone=[one for key, one in then.items() if key not in now],
        come=[one for key, one in now.items() if key not in then],
        moved=[(one, now[key]) for key, one in then.items() if key in now and now[key].parts != one.parts],
        seconds=whole.seconds + fewer.seconds,
    )  # fmt: skip


def without_as_json(found: Without, *, person_id: int) -> dict[str, Any]:
    """For keeping with the job: the figures, how many lines of each kind, and the worthiest of them."""
    moved = sorted(found.moved, key=lambda pair: -pair[0].worth)
    return {
        "person_id": person_id, "before": round(found.before, 2), "after": round(found.after, 2), "lost": round(found.lost, 2),
        "gone": len(found.gone), "come": len(found.come), "moved": len(found.moved),
        "gone_lines": [asdict(one) for one in sorted(found.gone, key=lambda one: -one.worth)[:KEPT]],
        "come_lines": [asdict(one) for one in sorted(found.come, key=lambda one: -one.worth)[:KEPT]],
        "moved_lines": [[asdict(one), asdict(other)] for one, other in moved[:KEPT]],
    }  # fmt: skip


def job_without(text: str, *, plan: WeekPlan) -> Job | None:
    """The job about this week that a number names."""
    if not text.isdecimal() or len(text) > 18:
        return None
    return Job.objects.filter(pk=int(text), name=WITHOUT, args__monday=plan.monday.isoformat()).first()
