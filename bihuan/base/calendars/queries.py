"""Which calendar holds for whom. What was read is kept in memory until a calendar is changed, by whatever process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bihuan.base.calendars import Version, Versions, read_calendar
from bihuan.base.calendars.models import BusinessCalendar, CalendarRevision, CalendarUse, CalendarVersion

#: What holds without any record: Monday to Friday with a break at noon, China's holidays and make-up workdays.
BUILT_IN: Mapping[str, Any] = {"hours": ["09:00-12:00", "13:00-18:00"], "holidays": "CN"}
YEARS_BACK, YEARS_AHEAD = 10, 2
LOOK_AGAIN_SECONDS = 1.0


@dataclass
class _Kept:
    """What was read of one database at one revision in one year."""

    revision: int
    year: int
    default: int | None = None
    by_role: dict[str, int] = field(default_factory=dict)
    by_account: dict[int, int] = field(default_factory=dict)
    versions: dict[int | None, Versions] = field(default_factory=dict)
    looked_at: float = 0.0


_kept: dict[str, _Kept] = {}


def calendar_for(*, account_id: int | None = None, role: str = "") -> Versions:
    """The customer's own calendar, else the role's, else the organisation's, which without any record is BUILT_IN in the
    installation's time zone. Holidays are known for ten years back and two ahead. What another process changed is seen
    within a second."""
    kept = _current()
    own = None if account_id is None else kept.by_account.get(account_id)
    chosen = own if own is not None else kept.by_role.get(role, kept.default)
    if chosen not in kept.versions:
        kept.versions[chosen] = built_in() if chosen is None else versions_of(calendar_id=chosen)
    return kept.versions[chosen]


def chosen_for(*, account_id: int) -> str:
    """The name of the customer's own calendar; empty when it has that of its role or the organisation."""
    found = (
        BusinessCalendar.objects.filter(uses__account_id=account_id).values_list("name", flat=True).first()
    )
    return found or ""


def versions_of(*, calendar_id: int) -> Versions:
    """A kept calendar with all its versions; CalendarError for one that cannot be read any more."""
    zone = BusinessCalendar.objects.values_list("zone", flat=True).get(pk=calendar_id)
    rows = CalendarVersion.objects.filter(calendar_id=calendar_id).values_list("valid_from", "definition")
    return Versions(
        versions=tuple(
            Version(valid_from=day, calendar=read_calendar(definition, zone=zone, years=_years()))
            for day, definition in rows
        )
    )


def forget() -> None:
    """Read everything again at the next question: called by whoever changes a calendar."""
    _kept.clear()


def _current() -> _Kept:
    name = str(connection.settings_dict["NAME"])
    kept, now, year = _kept.get(name), monotonic(), timezone.localdate().year
    if kept is not None and kept.year == year and now - kept.looked_at < LOOK_AGAIN_SECONDS:
        return kept
    revision = CalendarRevision.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    if kept is None or kept.revision != revision or kept.year != year:
        kept = _Kept(revision=revision, year=year)
        for calendar, is_default, role, account in CalendarUse.objects.values_list(
            "calendar_id", "is_default", "role", "account_id"
        ):
            if is_default:
                kept.default = calendar
            elif role:
                kept.by_role[role] = calendar
            elif account is not None:
                kept.by_account[account] = calendar
        _kept[name] = kept
    kept.looked_at = now
    return kept


def built_in() -> Versions:
    """The calendar that ships."""
    calendar = read_calendar(BUILT_IN, zone=settings.TIME_ZONE, years=_years())
    return Versions(versions=(Version(valid_from=None, calendar=calendar),))


def _years() -> range:
    year = timezone.localdate().year
    return range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
