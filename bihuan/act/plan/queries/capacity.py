"""Whose time there is in a week: working hours without absences, the practical share, less work that is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import floor

from django.utils import timezone

from bihuan.act.plan.models import PlanSettings
from bihuan.act.plan.rules import shared_out
from bihuan.act.work.queries import seconds_due
from bihuan.base.access import Reach, Role, system_actor
from bihuan.base.calendars import Hours, service_time_between
from bihuan.base.calendars.queries import calendar_for
from bihuan.foresee.tiers.queries import USUAL_MINUTES, load_of_staff
from bihuan.know.absences.models import Absence
from bihuan.know.accounts.models import AccountTeam
from bihuan.know.staff.models import Staff

DAYS = 7
#: Roles that do plays, in a team of an account or not.
WORKING = {str(Role.OPERATOR), str(Role.SALES), str(Role.SERVICE), str(Role.MARKETER)}


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Minutes of one of us in a week. `roles` are those they have in teams of accounts, and their own; `minutes` is what may be
    planned: `practical` of the working minutes that are not `away`, at most `most` for customers, less what is `due`.
    `days` are these minutes by day, those of the calendar, without the `gone` ones on which they are away."""

    staff: Staff
    roles: tuple[str, ...]
    working: int
    away: int
    most: int
    due: int
    minutes: int
    sees_all: bool
    days: Mapping[date, int]
    gone: frozenset[date]


def ours(staff: Staff) -> bool:
    """Whether they are no partner: partners' hours are not ours to plan."""
    return set(staff.roles) != {str(Role.PARTNER)}


def settings_of_plan() -> PlanSettings:
    """What the planner is told; the standard before anybody changed it."""
    return PlanSettings.objects.filter(pk=1).first() or PlanSettings(pk=1)


def capacities(*, monday: date, at: datetime) -> list[Capacity]:
    """Everybody of us who serves an account or has a role that does plays, by name. A week that has
    begun counts from now on."""
    told = settings_of_plan()
    roles: dict[int, set[str]] = {}
    for staff_id, role in AccountTeam.objects.values_list("staff_id", "role").distinct():
        roles.setdefault(staff_id, set()).add(role)
    people = [one for one in Staff.objects.filter(is_active=True).order_by("name", "pk") if ours(one)]
    people = [one for one in people if one.pk in roles or WORKING & set(one.roles)]
    most = {load.staff.pk: load.capacity for load in load_of_staff(system_actor("plan"))}
    end = _moment(monday + timedelta(days=DAYS))
    due = seconds_due([one.pk for one in people], before=end, usual=told.usual_minutes * 60)
    absences: dict[int, list[Absence]] = {}
    for row in Absence.objects.filter(
        staff__in=people, ended_at=None, first_day__lt=monday + timedelta(days=DAYS), last_day__gte=monday
    ):
        absences.setdefault(row.staff_id, []).append(row)
    found = []
    for one in people:
        calendar = calendar_for(role=one.roles[0] if one.roles else "")
        days = [monday + timedelta(days=n) for n in range(DAYS)]
        gone = {
            day
            for day in days
            if any(row.first_day <= day <= row.last_day for row in absences.get(one.pk, ()))
        }
        by_day = {day: _open(calendar, day, since=at) for day in days}
        working = sum(by_day.values(), timedelta())
        away = sum((by_day[day] for day in gone), timedelta())
        there = (working - away) * told.practical / 100
        share = (working - away) / working if working else 0.0
        able = min(there, timedelta(minutes=most.get(one.pk, USUAL_MINUTES)) * share)
        busy = timedelta(seconds=due.get(one.pk, 0))
        minutes = max(0, _minutes(able - busy))
        there_by_day = {day: timedelta() if day in gone else by_day[day] for day in days if by_day[day]}
        found.append(Capacity(
            staff=one, roles=tuple(sorted(roles.get(one.pk, set()) | {str(role) for role in one.roles})),
            working=_minutes(working), away=_minutes(away), most=_minutes(able), due=_minutes(busy),
            minutes=minutes, sees_all=one.reach == Reach.ALL, days=shared_out(minutes, by_day=there_by_day),
            gone=frozenset(gone),
        ))  # fmt: skip
    return found


def _open(calendar: Hours, day: date, *, since: datetime) -> timedelta:
    """Working time of a day that is not over."""
    start, end = max(_moment(day), since), _moment(day + timedelta(days=1))
    return service_time_between(calendar=calendar, start=start, end=end) if start < end else timedelta()


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _minutes(span: timedelta) -> int:
    return floor(span / timedelta(minutes=1))
