"""The clock of tickets: pauses as records, due times in columns, limits by priority and by the service of the tier."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.calendars.queries import calendar_for
from bihuan.serve.tickets.events import TicketLimitsChanged, TicketsMeasured
from bihuan.serve.tickets.models import State, Ticket, TicketLimit, TicketPause
from bihuan.serve.tickets.queries import LimitsTable, limits_by_priority, limits_table
from bihuan.serve.tickets.rules import Limits, Pause, times_of

ENDED = (State.SOLVED, State.CLOSED)
TIMES = (
    "response_due_at",
    "resolve_due_at",
    "due_at",
    "response_service_minutes",
    "resolution_service_minutes",
)
MEASURES = ("response_service_minutes", "resolution_service_minutes")
BATCH = 500


def set_clock(ticket: Ticket) -> None:
    """Compute all times of a ticket that is open or has just been solved, by the calendar and the limits of now; the
    caller saves it."""
    pauses = [] if ticket.pk is None else list(ticket.pauses.values_list("begins_at", "ends_at"))
    _apply(ticket, TIMES, limits=limits_table(), pauses=pauses)


def pause(*, ticket: Ticket, at: datetime) -> None:
    """We wait for the customer; doing so twice changes nothing."""
    TicketPause.objects.get_or_create(ticket=ticket, ends_at=None, defaults={"begins_at": at})


def resume(*, ticket: Ticket, at: datetime) -> None:
    """The wait is over."""
    TicketPause.objects.filter(ticket=ticket, ends_at=None).update(ends_at=at)


@transaction.atomic
def change_limits(*, priority: str, limits: Limits, by: Actor, at: datetime) -> None:
    """Give a priority other limits; open tickets are measured anew by a job, ended ones keep what was due."""
    before = limits_by_priority()[priority]
    if before == limits:
        return
    row = TicketLimit.objects.filter(priority=priority).first() or TicketLimit(priority=priority)
    row.response_minutes, row.resolution_minutes = limits.response, limits.resolution
    row.full_clean()
    row.save()
    publish(TicketLimitsChanged(priority=priority, before=_said(before), after=_said(limits)), by=by, at=at)


def measure_tickets(
    *, by: Actor, at: datetime, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Compute the times of all open tickets anew, and the service time of ended ones that have none yet; how many
    changed. What was due for ended ones stays. A ticket that was imported as waiting pauses from its first response on."""
    unmeasured = Q(resolved_at__isnull=False, resolution_service_minutes=None)
    ids = list(
        Ticket.objects.filter(~Q(state__in=ENDED) | unmeasured | Q(due_at__isnull=False)).values_list(
            "pk", flat=True
        )
    )
    changed = 0
    for start in range(0, len(ids), BATCH):
        changed += _measure(ids[start : start + BATCH], at=at)
        progress(min(start + BATCH, len(ids)), len(ids))
    if changed:
        with transaction.atomic():
            publish(TicketsMeasured(looked_at=len(ids), changed=changed), by=by, at=at)
    return changed


@transaction.atomic
def _measure(ids: Sequence[int], *, at: datetime) -> int:
    tickets = list(
        Ticket.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    pauses = _mended(tickets, at=at)
    limits, changed = limits_table(), []
    for ticket in tickets:
        before = [getattr(ticket, name) for name in TIMES]
        _apply(ticket, MEASURES if ticket.ended else TIMES, limits=limits, pauses=pauses[ticket.pk])
        if ticket.ended:
            ticket.due_at = None
        if before != [getattr(ticket, name) for name in TIMES]:
            changed.append(ticket)
    Ticket.objects.bulk_update(changed, TIMES)
    return len(changed)


def _mended(tickets: Sequence[Ticket], *, at: datetime) -> dict[int, list[Pause]]:
    """The pauses of each, after those of imported states were begun or ended."""
    running = set(
        TicketPause.objects.filter(ticket__in=tickets, ends_at=None).values_list("ticket_id", flat=True)
    )
    begun = [
        TicketPause(ticket=one, begins_at=one.first_response_at or one.opened_at)
        for one in tickets if one.state == State.PENDING and one.pk not in running
    ]  # fmt: skip
    TicketPause.objects.bulk_create(begun)
    for one in tickets:
        if one.pk in running and one.state != State.PENDING:
            resume(ticket=one, at=one.resolved_at or at)
    found: dict[int, list[Pause]] = defaultdict(list)
    rows = TicketPause.objects.filter(ticket__in=tickets).order_by("begins_at", "pk")
    for ticket_id, begins, ends in rows.values_list("ticket_id", "begins_at", "ends_at"):
        found[ticket_id].append((begins, ends))
    return found


def _apply(ticket: Ticket, names: Sequence[str], *, limits: LimitsTable, pauses: Sequence[Pause]) -> None:
    times = times_of(
        calendar=calendar_for(account_id=ticket.account_id), pauses=pauses,
        limits=limits.of(priority=ticket.priority, tier=ticket.account.tier),
        opened_at=ticket.opened_at, first_response_at=ticket.first_response_at, resolved_at=ticket.resolved_at,
    )  # fmt: skip
    for name in names:
        setattr(ticket, name, getattr(times, name))


def _said(limits: Limits) -> dict[str, int]:
    return {"response": limits.response, "resolution": limits.resolution}
