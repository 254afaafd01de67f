"""What happens with tickets, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class TicketOpened(Fact):
    """An account asked something."""

    title = gettext_lazy("Ticket opened")
    ticket_id: int
    account_id: int
    person_id: int | None
    family: str
    priority: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class TicketChanged(Fact):
    """Priority, family, assignee, subject or, after the first answer, the state changed."""

    title = gettext_lazy("Ticket changed")
    ticket_id: int
    account_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class TicketAnswered(Fact):
    """We answered for the first time."""

    title = gettext_lazy("Ticket answered")
    ticket_id: int
    account_id: int
    minutes: float


@dataclass(frozen=True, kw_only=True)
class TicketSolved(Fact):
    """The matter was solved."""

    title = gettext_lazy("Ticket solved")
    ticket_id: int
    account_id: int
    hours: float


@dataclass(frozen=True, kw_only=True)
class TicketReopened(Fact):
    """It was not solved after all; `before` says when it had been."""

    title = gettext_lazy("Ticket reopened")
    ticket_id: int
    account_id: int
    before: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TicketRated(Fact):
    """The customer said how satisfied they are, 1–5; `before` is what they had said until then."""

    title = gettext_lazy("Ticket rated")
    ticket_id: int
    account_id: int
    satisfaction: int
    before: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TicketsImported(Fact):
    """An import stored tickets; `before` is what it overwrote, by table, row and column."""

    title = gettext_lazy("Tickets imported")
    created: int
    updated: int
    before: Mapping[str, Mapping[int, Mapping[str, object]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TicketResumed(Fact):
    """The customer answered; the clock runs on."""

    title = gettext_lazy("Ticket resumed")
    ticket_id: int
    account_id: int


@dataclass(frozen=True, kw_only=True)
class TicketLimitsChanged(Fact):
    """A priority has other limits; minutes of service time."""

    title = gettext_lazy("Time limits of tickets changed")
    priority: str
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class TicketsMeasured(Fact):
    """Due times of open tickets were computed anew; what was due for ended ones stays."""

    title = gettext_lazy("Due times computed anew")
    looked_at: int
    changed: int
