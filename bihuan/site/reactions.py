"""On a fact about an account: its card. On a change to all of them: all cards, once."""

from typing import Any

from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, Fact, reaction
from bihuan.base.jobs import enqueue
from bihuan.earn.contracts.events import ContractsImported
from bihuan.foresee.health.events import HealthComputed
from bihuan.know.accounts.events import AccountsImported
from bihuan.serve.tickets.events import TicketsImported
from bihuan.site.cards import refresh_cards


@reaction()
def refresh_one(fact: Fact, *, context: Delivery) -> None:
    """Any fact that names an account brings its card up to date."""
    account_id: Any = getattr(fact, "account_id", None)
    if account_id is not None:
        refresh_cards(at=timezone.now(), account_ids=[account_id])


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
    """All accounts were scored."""
    refresh_all(fact, context=context)
