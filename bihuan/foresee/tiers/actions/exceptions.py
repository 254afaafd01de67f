"""Exceptions from the rules: with a reason and an end."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.foresee.tiers.actions.moving import move
from bihuan.foresee.tiers.actions.versions import ensure_rules
from bihuan.foresee.tiers.events import TierExceptionEnded, TierExceptionGranted
from bihuan.foresee.tiers.models import TierException, Why
from bihuan.foresee.tiers.queries import judged, table_of
from bihuan.know.accounts.models import Account

LONGEST = timedelta(days=365)


@transaction.atomic
def grant_exception(
    *, account: Account, tier: str, reason: str, expires_on: date, by: Actor, at: datetime
) -> TierException:
    """Put the account into a tier until the day before `expires_on`, at most a year; an earlier exception ends."""
    today = timezone.localdate(at)
    if not today < expires_on <= today + LONGEST:
        raise ValidationError({"expires_on": _("Choose a day after today and within a year.")})
    TierException.objects.filter(account=account, ended_at=None).update(ended_at=at)
    row = TierException(
        account=account, tier=tier, reason=reason.strip(), author_id=by.user_id, author_name=by.name, from_day=today,
        expires_on=expires_on, created_at=at,
    )  # fmt: skip
    row.full_clean()
    row.save()
    publish(
        TierExceptionGranted(
            account_id=account.pk, tier=tier, reason=row.reason, expires_on=expires_on.isoformat()
        ),
        by=by,
        at=at,
    )
    move(account=account, tier=tier, why=Why.EXCEPTION, reason=row.reason, by=by, at=at)
    return row


@transaction.atomic
def end_exception(*, account: Account, by: Actor, at: datetime) -> None:
    """Let the rules count again, at once; nothing happens without one. No rule that fits: the account stays."""
    if not TierException.objects.filter(account=account, ended_at=None).update(ended_at=at):
        return
    publish(TierExceptionEnded(account_id=account.pk), by=by, at=at)
    rules = ensure_rules(at=at)
    one = judged(table_of(rules), day=timezone.localdate(at), account_ids=[account.pk])[account.pk]
    if one.tier:
        move(account=account, tier=one.tier, why=Why.RULES, version=rules.version, row=one.row, by=by, at=at)


def end_expired(*, by: Actor, at: datetime) -> int:
    """End every exception whose time is over; how many."""
    over = TierException.objects.filter(ended_at=None, expires_on__lte=timezone.localdate(at)).select_related(
        "account"
    )
    found = list(over)
    for row in found:
        end_exception(account=row.account, by=by, at=at)
    return len(found)
