"""Rebuilding the cards: a few grouped reads, then rows written in bulk, however many accounts there are."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from bihuan.capture.store import StoreError
from bihuan.earn.contracts.queries import revenue_by_account
from bihuan.know.accounts.models import Account, AccountTeam
from bihuan.serve.tickets.queries import open_tickets_by_account
from bihuan.site.health import HealthNow, health_by_account
from bihuan.site.models import AccountCard
from bihuan.site.usage import WEEKS, usage_by_account

BATCH = 500
FIELDS = [f.name for f in AccountCard._meta.concrete_fields if f.name != "account"]
COMPARED = [f.attname for f in AccountCard._meta.concrete_fields if f.name not in ("account", "refreshed_at")]
UNSCORED = HealthNow()
NOBODY = (None, "")
NO_USE: dict[str, Any] = {"last_active_on": None, "active_people": 0, "spark": [0] * WEEKS}


def refresh_cards(*, at: datetime, account_ids: Iterable[int] | None = None) -> int:
    """Bring the cards of these accounts (None: all) up to date; returns how many were written.

    While the event store cannot be asked, what cards say of use stays as it was.
    """
    ids = None if account_ids is None else sorted(set(account_ids))
    day = timezone.localtime(at).date()
    accounts = Account.objects.all() if ids is None else Account.objects.filter(pk__in=ids)
    owners = AccountTeam.objects.filter(is_owner=True)
    if ids is not None:
        owners = owners.filter(account_id__in=ids)
    owner_of = {
        pk: (staff, name) for pk, staff, name in owners.values_list("account_id", "staff_id", "staff__name")
    }
    revenue = revenue_by_account(day=day, account_ids=ids)
    tickets = open_tickets_by_account(account_ids=ids)
    use = uses(day=day, account_ids=ids)
    health = health_by_account(account_ids=ids)
    cards = []
    for row in accounts.values(
        "pk", "name", "short_name", "key", "tier", "stage", "industry", "region_id", "region__name"
    ):
        pk = row["pk"]
        cards.append(
            AccountCard(
                account_id=pk,
                name=row["name"],
                words=f"{row['name']} {row['short_name']} {row['key']}",
                tier=row["tier"],
                stage=row["stage"],
                industry=row["industry"],
                region_id=row["region_id"],
                owner_id=owner_of.get(pk, NOBODY)[0],
                owner_name=owner_of.get(pk, NOBODY)[1],
                region_name=row["region__name"] or "",
                open_tickets=tickets.get(pk, 0),
                refreshed_at=at,
                **money_of(revenue.get(pk)),
                **use.get(pk, NO_USE),
            )
        )
        add_health(cards[-1], health.get(pk, UNSCORED))
    write(cards)
    return len(cards)


def money_of(found: Any) -> dict[str, Any]:
    """The revenue side of a card."""
    if found is None:
        return {"mrr": Decimal(0), "arr": Decimal(0), "value_at_stake": Decimal(0)}
    return {
        "mrr": found.mrr,
        "arr": found.arr,
        "seats": found.seats,
        "renews_on": found.renews_on,
        "auto_renew": found.auto_renew,
        "value_at_stake": found.arr,
    }


def uses(*, day: date, account_ids: list[int] | None) -> dict[int, dict[str, Any]]:
    """The usage side of each card: of today, or as the cards have it while the store cannot be asked."""
    try:
        found = usage_by_account(day=day, account_ids=account_ids)
    except StoreError:
        kept = AccountCard.objects.values("account_id", *NO_USE)
        rows = kept if account_ids is None else kept.filter(account_id__in=account_ids)
        return {row.pop("account_id"): row for row in rows}
    return {
        account: {
            "last_active_on": use.last_active_on,
            "active_people": use.active_people,
            "spark": use.weekly,
        }
        for account, use in found.items()
    }


def add_health(card: AccountCard, health: HealthNow) -> None:
    """Health, and the need that ranks the workbench: value at stake × lack of health.

    0 when the account is healthy, or when its health is unknown.
    """
    card.health, card.band = health.score, health.band
    card.health_delta, card.reasons = health.delta, health.reasons
    card.need = 0.0
    if health.score is not None and health.band in ("red", "amber"):
        card.need = float(card.value_at_stake) * (100 - health.score) / 100


def write(cards: list[AccountCard]) -> None:
    """Insert or update what differs, in short transactions, so that others write in between."""
    rows = AccountCard.objects.all()
    if len(cards) < BATCH:
        rows = rows.filter(pk__in=[card.account_id for card in cards])
    known = {row[0]: row[1:] for row in rows.values_list("account_id", *COMPARED).iterator(chunk_size=BATCH)}
    changed = [card for card in cards if values(card) != known.get(card.account_id)]
    for start in range(0, len(changed), BATCH):
        with transaction.atomic():
            AccountCard.objects.bulk_create(
                changed[start : start + BATCH],
                update_conflicts=True,
                unique_fields=["account"],
                update_fields=FIELDS,
                batch_size=BATCH,
            )


def values(card: AccountCard) -> tuple[Any, ...]:
    """What a card says, without when it was written."""
    return tuple(getattr(card, name) for name in COMPARED)
