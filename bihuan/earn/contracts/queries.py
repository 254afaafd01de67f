"""Reads of contracts: revenue as of any day, renewals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, F, Min, Q, Sum, Value, When
from django.db.models.fields import DecimalField

from bihuan.base.access import Actor
from bihuan.earn.contracts.models import Contract, ContractLine
from bihuan.earn.contracts.rules import arr

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


def revenue_on(*, day: date, actor: Actor) -> Revenue:
    """MRR and ARR as of a day over the actor's territory (SEMANTICS 23)."""
    lines = ContractLine.objects.active_on(day).visible_to(actor)  # type: ignore[attr-defined]
    found = lines.aggregate(mrr=PAID_MRR, lines=Count("pk"), accounts=Count("contract__account", distinct=True))
    mrr = found["mrr"] or Decimal(0)
    return Revenue(mrr=mrr, arr=arr(mrr=mrr), subscriptions=found["lines"], accounts=found["accounts"])


def revenue_by_account(*, day: date, account_ids: Iterable[int] | None = None) -> dict[int, AccountRevenue]:
    """Every account with an active line on the day; two grouped queries however many accounts there are."""
    lines = ContractLine.objects.active_on(day)
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
        mrr = row["total"] or Decimal(0)
        result[row["contract__account_id"]] = AccountRevenue(
            mrr=mrr, arr=arr(mrr=mrr), seats=row["sold"] or 0, renews_on=renews_on, auto_renew=auto
        )
    return result
