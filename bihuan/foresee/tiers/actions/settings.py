"""What people set: judgements of accounts, service policies, capacities."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.importing import Field, ImportCount, Noun, Row, references, register_noun
from bihuan.base.upsert import upsert
from bihuan.foresee.tiers.events import (
    AccountScored,
    AccountScoresImported,
    CapacityChanged,
    ServicePolicyChanged,
)
from bihuan.foresee.tiers.metrics import SCORES
from bihuan.foresee.tiers.models import AccountScore, Capacity, Judgement, ServicePolicy
from bihuan.foresee.tiers.queries import policies, scores_of
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff


@transaction.atomic
def judge_account(*, account: Account, scores: Mapping[str, int | None], by: Actor, at: datetime) -> None:
    """From today on these judgements count (0 to 100); what is None, not named or the same stays as it was."""
    day = timezone.localdate(at)
    known = scores_of(account_id=account.pk, on=day)
    given = {
        str(what): value
        for what, value in scores.items()
        if value is not None and known.get(str(what)) != value
    }
    for what, value in given.items():
        row = AccountScore.objects.filter(account=account, what=what, from_day=day).first()
        row = row or AccountScore(account=account, what=what, from_day=day)
        row.value, row.by_name = value, by.name
        row.full_clean()
        row.save()
    if given:
        before = {what: known.get(what) for what in given}
        publish(AccountScored(account_id=account.pk, before=before, after=given), by=by, at=at)


@transaction.atomic
def import_scores(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Judgements by account, what, and the day from which they count (today, unless given)."""
    day = timezone.localdate(at)
    count = upsert(
        model=AccountScore, rows=[{"by_name": by.name, **row, "from_day": row.get("from_day") or day} for row in rows],
        key=["account", "what", "from_day"], refs={"account_key": ("account", references(queryset=Account.objects))},
    )  # fmt: skip
    if count.created or count.updated:
        publish(AccountScoresImported(created=count.created, updated=count.updated, before=SCORES.before(count)),
                by=by, at=at)  # fmt: skip
    return count


register_noun(Noun(name="account_scores", permission="tiers.score", load=import_scores, fields=(
    Field(name="account_key", required=True), Field(name="what", required=True, choices=tuple(Judgement.values)),
    Field(name="value", kind="int", required=True, help="0 to 100"), Field(name="from_day", kind="date"))))  # fmt: skip


@transaction.atomic
def change_policy(*, tier: str, by: Actor, at: datetime, **fields: Any) -> ServicePolicy:
    """What the tier gets from now on; nothing happens when nothing differs. ValidationError names the field."""
    now = policies()[tier]
    names = ("roles", "touch_days", "touch_minutes", "first_answer_hours", "solved_hours")
    before = {name: getattr(now, name) for name in names} | {"roles": list(now.roles)}
    row = ServicePolicy.objects.filter(tier=tier).first() or ServicePolicy(tier=tier, **before)
    for name in fields:
        setattr(row, name, list(fields[name]) if name == "roles" else fields[name])
    row.full_clean()
    after = {name: getattr(row, name) for name in names}
    changed = [name for name in names if before[name] != after[name]]
    if changed:
        row.save()
        publish(
            ServicePolicyChanged(
                tier=tier,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            ),
            by=by,
            at=at,
        )
    return row


@transaction.atomic
def set_capacity(*, staff: Staff, minutes: int, by: Actor, at: datetime) -> Capacity:
    """The minutes a week that they have for touching customers."""
    row = Capacity.objects.filter(staff=staff).first() or Capacity(staff=staff)
    row.minutes = minutes
    row.full_clean()
    row.save()
    publish(CapacityChanged(staff_id=staff.pk, minutes=minutes), by=by, at=at)
    return row
