"""What is known of one account's tier: its moves, its exception, what people hold of it."""

from datetime import date
from typing import Any

from bihuan.foresee.tiers.models import AccountScore, TierException, TierMove


def history_of(*, account_id: int, most: int = 50) -> list[TierMove]:
    """Its moves, the newest first."""
    return list(TierMove.objects.filter(account_id=account_id)[:most])


def exception_of(*, account_id: int, on: date) -> TierException | None:
    """The exception that holds on the day."""
    rows: Any = TierException.objects.filter(
        account_id=account_id, ended_at=None, from_day__lte=on, expires_on__gt=on
    )
    found: TierException | None = rows.first()
    return found


def scores_of(*, account_id: int, on: date) -> dict[str, int]:
    """Potential, strategy fit and brand as judged by the day; what nobody judged is missing."""
    rows = AccountScore.objects.filter(account_id=account_id, from_day__lte=on).order_by("from_day")
    return dict(rows.values_list("what", "value"))
