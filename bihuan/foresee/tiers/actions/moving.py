"""An account changes its tier, and the history says why."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.foresee.tiers.models import TierMove
from bihuan.know.accounts.actions import change_account
from bihuan.know.accounts.models import Account


@transaction.atomic
def move(
    *, account: Account, tier: str, why: str, by: Actor, at: datetime, version: int | None = None, row: int | None = None,
    reason: str = "",
) -> TierMove | None:  # fmt: skip
    """Through the action of accounts, which tells everybody; None when the account is there already."""
    before = account.tier
    if before == tier:
        return None
    made = TierMove.objects.create(
        account=account, day=timezone.localdate(at), before=before, after=tier, why=why, version=version, row=row,
        reason=reason[:300], by_name=by.name, at=at,
    )  # fmt: skip
    change_account(account=account, tier=tier, by=by, at=at)
    account.tier = tier
    return made


@transaction.atomic
def note_move(
    *, account: Account, before: str, after: str, why: str, by_name: str, at: datetime
) -> TierMove | None:
    """Somebody changed the tier elsewhere; None when the history has this move already."""
    if TierMove.objects.filter(account=account, at=at, before=before, after=after).exists():
        return None
    return TierMove.objects.create(
        account=account,
        day=timezone.localdate(at),
        before=before,
        after=after,
        why=why,
        by_name=by_name,
        at=at,
    )
