"""A person's judgement in place of the score."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.foresee.health.events import HealthOverridden, HealthOverrideEnded
from bihuan.foresee.health.models import HealthOverride
from bihuan.know.accounts.models import Account

LONGEST = timedelta(days=180)


@transaction.atomic
def override_health(
    *, account: Account, score: int, reason: str, expires_on: date, today: date, by: Actor, at: datetime
) -> HealthOverride:
    """Let `score` count until the day before `expires_on`, at most 180 days; an earlier override ends."""
    if not today < expires_on <= today + LONGEST:
        raise ValidationError({"expires_on": _("Choose a day after today and within 180 days.")})
    HealthOverride.objects.filter(account=account, ended_at=None).update(ended_at=at)
    row = HealthOverride(account=account, score=score, reason=reason.strip(), author_id=by.user_id,
                         author_name=by.name, from_day=today, expires_on=expires_on, created_at=at)  # fmt: skip
    row.full_clean()
    row.save()
    publish(
        HealthOverridden(
            account_id=account.pk, score=score, reason=row.reason, expires_on=expires_on.isoformat()
        ),
        by=by,
        at=at,
    )
    return row


@transaction.atomic
def end_override(*, account: Account, by: Actor, at: datetime) -> None:
    """Let the computed score count again."""
    if HealthOverride.objects.filter(account=account, ended_at=None).update(ended_at=at):
        publish(HealthOverrideEnded(account_id=account.pk), by=by, at=at)
