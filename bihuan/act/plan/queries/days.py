"""A person's week as columns: days of their calendar, with what is laid to each."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.act.plan.models import PlanLine, PlanPart, WeekPlan

WORKDAYS, DAYS = 5, 7


@dataclass(kw_only=True)
class Column:
    """A day; None for what has none yet. `there` are the minutes that may be planned, `away` says that they are not with us,
    `off` that nobody works;
    `before` and `after` are the days beside it."""

    day: date | None
    there: int = 0
    away: bool = False
    off: bool = False
    parts: list[tuple[PlanLine, PlanPart]] = field(default_factory=list)
    before: date | None = None
    after: date | None = None

    @property
    def title(self) -> str:
        """Monday 30, in the reader's language."""
        return _("No day") if self.day is None else date_format(self.day, pgettext("day of a week", "D j"))

    @property
    def minutes(self) -> int:
        """Planned."""
        return sum(part.minutes for _line, part in self.parts)

    @property
    def over(self) -> bool:
        """Whether more is planned than fits."""
        return self.minutes > self.there


def columns_of(plan: WeekPlan, parts: list[tuple[PlanLine, PlanPart]], *, person_id: int) -> list[Column]:
    """Monday to Friday, the days of the weekend on which there is time or work, and what has no day last."""
    told: dict[str, Any] = plan.figures.get("people", {}).get(str(person_id), {})
    there, gone = told.get("days", {}), set(told.get("gone", ()))
    found = {}
    for n in range(DAYS):
        day = plan.monday + timedelta(days=n)
        name = day.isoformat()
        found[day] = Column(day=day, there=there.get(name, 0), away=name in gone, off=name not in there)
    without = Column(day=None)
    for line, part in parts:
        column = without if line.day is None else found.get(line.day, without)
        column.parts.append((line, part))
    shown = [
        column for n, column in enumerate(found.values()) if n < WORKDAYS or column.there or column.parts
    ]
    shown += [without] if without.parts else []
    for column, following in pairwise(shown):
        column.after, following.before = following.day, column.day
    return shown
