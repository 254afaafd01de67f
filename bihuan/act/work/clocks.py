"""Service time of the right calendar: the customer's, else the role's, else the organisation's."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bihuan.act.bpmn.diagram import OF_ACCOUNT, OF_ROLE, WALL
from bihuan.act.bpmn.running import Surroundings
from bihuan.act.bpmn.spans import read_span
from bihuan.act.processes.queries import asked_by
from bihuan.base.calendars import Hours, add_service_time, service_time_between, working_day
from bihuan.base.calendars.queries import calendar_for
from bihuan.know.accounts.models import Account


def calendar_of(name: str, *, account_id: int | None, role: str) -> Hours | None:
    """The calendar that a diagram names: None for "wall"; for "role:sales" that of a role and for "account:yunshan" that of
    the customer with this key, wherever it is named; else the one that holds for this customer and role. For a customer who
    is gone it is the organisation's."""
    if name == WALL:
        return None
    if name.startswith(OF_ROLE):
        return calendar_for(role=name.removeprefix(OF_ROLE))
    if name.startswith(OF_ACCOUNT):
        rows = Account.objects.filter(key=name.removeprefix(OF_ACCOUNT))
        return calendar_for(account_id=rows.values_list("pk", flat=True).first())
    return calendar_for(account_id=account_id, role=role)


def due_of(
    span: str, *, start: datetime, account_id: int | None, role: str, calendar: str, back: bool = False
) -> datetime | None:
    """When a span such as 4h or 2d from `start` on is over, or where it begins that ends there (`back`); None without a span.
    A d is a working day of the calendar."""
    if not span:
        return None
    found = calendar_of(calendar, account_id=account_id, role=role)
    if found is None:
        return start - read_span(span) if back else start + read_span(span)
    whole = read_span(span, day=working_day(found, on=start))
    return add_service_time(calendar=found, start=start, span=-whole if back else whole)


def spent(*, start: datetime, end: datetime, account_id: int | None, role: str, calendar: str) -> timedelta:
    """Service time between two moments; zero when the second is the earlier one."""
    if end <= start:
        return timedelta(0)
    found = calendar_of(calendar, account_id=account_id, role=role)
    return end - start if found is None else service_time_between(calendar=found, start=start, end=end)


def surroundings(*, version_id: int, account_id: int | None, at: datetime) -> Surroundings:
    """What a run of an instance asks of the world."""
    return Surroundings(at=at, due_after=_after(account_id), decide=asked_by(version_id))


def _after(account_id: int | None) -> Callable[[datetime, timedelta, str], datetime]:
    def after(start: datetime, span: timedelta, calendar: str) -> datetime:
        found = calendar_of(calendar, account_id=account_id, role="")
        if found is None:
            return start + span
        days, rest = divmod(span, timedelta(days=1))
        return add_service_time(calendar=found, start=start, span=days * working_day(found, on=start) + rest)

    return after
