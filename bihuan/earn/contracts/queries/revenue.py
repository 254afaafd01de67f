"""Reads of contracts: revenue as of any day, renewals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.cache import cache
from django.db.models import Case, Count, F, Min, Q, Sum, Value, When
from django.db.models.fields import DecimalField

from bihuan.base.access import Actor
from bihuan.base.money import report_in
from bihuan.earn.contracts.models import Contract, ContractLine
from bihuan.earn.contracts.rules import arr

CENT = Decimal("0.01")
ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=14, decimal_places=2))
PAID_MRR = Sum(Case(When(trial=False, then=F("mrr")), default=ZERO))


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """Recurring revenue on a day: money a month and a year, active lines, and accounts that hold one."""

    mrr: Decimal
    arr: Decimal
    subscriptions: int
    accounts: int


@dataclass(frozen=True, kw_only=True)
class AccountRevenue:
    """One account's recurring revenue on a day; `renews_on` is the first end of an active contract."""

    mrr: Decimal
    arr: Decimal
    seats: int
    renews_on: date | None
    auto_renew: bool


def in_cents(total: Decimal | None) -> Decimal:
    """A sum with two places: SQLite adds decimals as doubles, whose error is far below half a cent here."""
    return (total or Decimal(0)).quantize(CENT)


def contract_currency() -> str:
    """The installation's currency when any contract is in it, else that of most contracts; kept for a minute."""
    found: str | None = cache.get("contracts.currency")
    if found is None:
        ranked = Contract.objects.values_list("currency").annotate(n=Count("pk")).order_by("-n", "currency")
        counted = [currency for currency, _n in ranked]
        found = settings.CURRENCY if settings.CURRENCY in counted or not counted else counted[0]
        cache.set("contracts.currency", found, 60)
    return found


report_in(contract_currency)


def revenue_on(*, day: date, actor: Actor, currency: str = "") -> Revenue:
    """MRR and ARR as of a day over the actor's territory (SEMANTICS 23), of contracts in one currency:
    the one named, else `contract_currency()`."""
    lines = ContractLine.objects.active_on(day).filter(contract__currency=currency or contract_currency())
    found = lines.visible_to(actor).aggregate(
        mrr=PAID_MRR, lines=Count("pk"), accounts=Count("contract__account", distinct=True)
    )
    mrr = in_cents(found["mrr"])
    return Revenue(mrr=mrr, arr=arr(mrr=mrr), subscriptions=found["lines"], accounts=found["accounts"])


def revenue_by_account(*, day: date, account_ids: Iterable[int] | None = None) -> dict[int, AccountRevenue]:
    """Every account with an active line on the day; two grouped queries however many accounts there are."""
    lines = ContractLine.objects.active_on(day).filter(contract__currency=contract_currency())
    contracts = Contract.objects.filter(starts_on__lte=day, ends_on__gt=day)
    if account_ids is not None:
        ids = list(account_ids)
        lines = lines.filter(contract__account_id__in=ids)
        contracts = contracts.filter(account_id__in=ids)
    ends = {
        row["account_id"]: (row["first"], row["auto"] > 0)
        for row in contracts.values("account_id").annotate(
            first=Min("ends_on"), auto=Count("pk", filter=Q(auto_renew=True))
        )
    }
    found = lines.values("contract__account_id").annotate(total=PAID_MRR, sold=Sum("seats"))
    result = {}
    for row in found:
        renews_on, auto = ends.get(row["contract__account_id"], (None, False))
        mrr = in_cents(row["total"])
        result[row["contract__account_id"]] = AccountRevenue(
            mrr=mrr, arr=arr(mrr=mrr), seats=row["sold"] or 0, renews_on=renews_on, auto_renew=auto
        )
    return result


def contracts_of(*, account_id: int) -> list[Contract]:
    """The account's contracts, the newest first, each with `paid`: what it brings a month on its first day, without
    trials and without lines that came later."""
    from_the_start = Q(lines__trial=False, lines__starts_on__lte=F("starts_on")) & (
        Q(lines__ends_on=None) | Q(lines__ends_on__gt=F("starts_on"))
    )
    found = Contract.objects.filter(account_id=account_id).annotate(
        paid=Sum("lines__mrr", filter=from_the_start, default=ZERO)
    )
    return list(found.order_by("-starts_on", "pk"))
