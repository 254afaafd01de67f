"""Who is away, and who is there in their place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from bihuan.know.absences.models import Absence

#: A deputy who is away has a deputy, and so on, so many times.
MOST_DEPUTIES = 5


@dataclass(frozen=True, kw_only=True)
class Place:
    """Who does what would be somebody's: `staff_id` None when nobody stands in; `absence_id` that of the first who is away,
    None when they are there themselves."""

    staff_id: int | None
    absence_id: int | None


def absence_of(staff_id: int, *, at: datetime) -> Absence | None:
    """The absence that keeps somebody away at a moment."""
    return Absence.objects.filter(staff=staff_id).current(day=timezone.localdate(at)).order_by("pk").first()


def present_for(staff_id: int, *, at: datetime) -> Place:
    """Somebody themselves, else their deputy, else the deputy's deputy; nobody when these turn in a circle or may not act."""
    first, seen, who = None, {staff_id}, staff_id
    for _turn in range(MOST_DEPUTIES):
        found = Absence.objects.filter(staff=who).current(day=timezone.localdate(at)).order_by("pk")
        absence = found.select_related("deputy").first()
        if absence is None:
            return Place(staff_id=who, absence_id=first)
        first = first or absence.pk
        if absence.deputy is None or not absence.deputy.is_active or absence.deputy.pk in seen:
            break
        who = absence.deputy.pk
        seen.add(who)
    return Place(staff_id=None, absence_id=first)


def away(staff_ids: Iterable[int], *, at: datetime) -> set[int]:
    """Those of them who are away."""
    rows = Absence.objects.filter(staff__in=list(staff_ids)).current(day=timezone.localdate(at))
    return set(rows.values_list("staff_id", flat=True))


def stands_in_for(staff_id: int, *, at: datetime) -> list[str]:
    """The sign-in names of those in whose place somebody is there now."""
    rows = Absence.objects.current(day=timezone.localdate(at)).filter(deputy=staff_id)
    return list(rows.values_list("staff__username", flat=True))
