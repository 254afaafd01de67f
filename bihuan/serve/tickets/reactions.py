"""On a change of calendars, limits, the service of a tier or the tier of an account, or an import: the due times of open
tickets, once for however many facts."""

from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, Fact, reaction
from bihuan.base.calendars.events import CalendarUseChanged, CalendarVersionRemoved, CalendarVersionSet
from bihuan.base.jobs import enqueue
from bihuan.foresee.tiers.events import ServicePolicyChanged
from bihuan.know.accounts.events import AccountChanged
from bihuan.serve.tickets.events import TicketLimitsChanged, TicketsImported


@reaction(AccountChanged)
def measure_after_a_move(fact: AccountChanged, *, context: Delivery) -> None:
    """Another tier is promised other times."""
    if "tier" in fact.after:
        measure_anew(fact, context=context)


def measure_anew(fact: Fact, *, context: Delivery) -> None:
    """One job that starts after the fact."""
    enqueue(
        "tickets.measure", by=system_actor("tickets"), at=timezone.now(), unique_key="tickets.measure:now"
    )


def listen(kind: type[Fact]) -> None:
    """Register `measure_anew` for a kind of fact, under a name of its own."""

    def measure(fact: Fact, *, context: Delivery) -> None:
        measure_anew(fact, context=context)

    measure.__name__ = f"measure_tickets_after_{kind.name}"
    reaction(kind)(measure)


for moving in (
    CalendarVersionSet,
    CalendarVersionRemoved,
    CalendarUseChanged,
    ServicePolicyChanged,
    TicketLimitsChanged,
    TicketsImported,
):
    listen(moving)
