"""On a fact about an account: its card. On a change to all of them: all cards, once."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, Fact, reaction
from bihuan.base.jobs import enqueue
from bihuan.earn.contracts.events import ContractAdded, ContractChanged, ContractLineSet, ContractsImported
from bihuan.foresee.health.events import HealthComputed, HealthOverridden, HealthOverrideEnded
from bihuan.know.accounts.events import AccountAdded, AccountChanged, AccountsImported, AccountTeamChanged
from bihuan.serve.tickets.events import (
    TicketChanged,
    TicketOpened,
    TicketReopened,
    TicketsImported,
    TicketSolved,
)
from bihuan.site.cards import refresh_cards

SEEN_ON_A_CARD: tuple[type[Fact], ...] = (
    AccountAdded,
    AccountChanged,
    AccountTeamChanged,
    ContractAdded,
    ContractChanged,
    ContractLineSet,
    TicketOpened,
    TicketChanged,
    TicketSolved,
    TicketReopened,
    HealthOverridden,
    HealthOverrideEnded,
)


def refresh_one(fact: Fact, *, context: Delivery) -> None:
    """A fact that shows on a card brings the card of its account up to date."""
    account_id: Any = getattr(fact, "account_id", None)
    if account_id is not None:
        refresh_cards(at=timezone.now(), account_ids=[account_id])


def listen(kind: type[Fact]) -> None:
    """Register `refresh_one` for a kind of fact, under a name of its own."""

    def refresh(fact: Fact, *, context: Delivery) -> None:
        refresh_one(fact, context=context)

    refresh.__name__ = f"refresh_after_{kind.name}"
    reaction(kind)(refresh)


for kind_seen in SEEN_ON_A_CARD:
    listen(kind_seen)


def refresh_all(fact: Fact, *, context: Delivery) -> None:
    """An import or a new scoring moves many cards: one job for however many facts."""
    now = timezone.now()
    enqueue("site.refresh_cards", by=system_actor("lists"), at=now, unique_key="site.refresh_cards:now")


@reaction(AccountsImported)
def after_accounts(fact: AccountsImported, *, context: Delivery) -> None:
    """Accounts, teams or people came in."""
    refresh_all(fact, context=context)


@reaction(ContractsImported)
def after_contracts(fact: ContractsImported, *, context: Delivery) -> None:
    """Contracts came in."""
    refresh_all(fact, context=context)


@reaction(TicketsImported)
def after_tickets(fact: TicketsImported, *, context: Delivery) -> None:
    """Tickets came in."""
    refresh_all(fact, context=context)


@reaction(HealthComputed)
def after_scoring(fact: HealthComputed, *, context: Delivery) -> None:
    """All accounts were scored as of today; a day of the past moves no card."""
    if date.fromisoformat(fact.day) >= timezone.localdate() - timedelta(days=1):
        refresh_all(fact, context=context)
