"""Adding and changing accounts and their owner teams."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor, Reach
from bihuan.base.bus import kept, publish
from bihuan.know.accounts.events import AccountAdded, AccountChanged, AccountTeamChanged
from bihuan.know.accounts.models import Account, AccountTeam, TeamRole
from bihuan.know.staff.models import Staff


@transaction.atomic
def add_account(*, name: str, by: Actor, at: datetime, key: str = "", **fields: Any) -> Account:
    """Add an account; without an external key it gets one of its own. ValidationError names what is wrong.

    Who does not see every account becomes its owner, or they would lose sight of it.
    """
    account = Account(key=key or f"bh-{uuid4().hex[:12]}", name=name, created_at=at, updated_at=at, **fields)
    account.full_clean()
    account.save()
    publish(AccountAdded(account_id=account.pk), by=by, at=at)
    if by.reach != Reach.ALL and by.user_id is not None:
        owner = Staff.objects.get(pk=by.user_id)
        change_team(account=account, members=[(owner, TeamRole.SALES.value, True)], by=by, at=at)
    return account


@transaction.atomic
def change_account(*, account: Account, by: Actor, at: datetime, **fields: Any) -> Account:
    """Set the given fields; nothing happens, and nothing is published, when none differs."""
    stored = Account.objects.select_for_update().get(pk=account.pk)
    before = {name: getattr(stored, name) for name in fields}
    changed = {name for name, old in before.items() if old != fields[name]}
    if not changed:
        return stored
    for name in changed:
        setattr(stored, name, fields[name])
    stored.updated_at = at
    stored.full_clean()
    stored.save()
    publish(
        AccountChanged(
            account_id=stored.pk,
            before={name: kept(before[name]) for name in sorted(changed)},
            after={name: kept(fields[name]) for name in sorted(changed)},
        ),
        by=by,
        at=at,
    )
    return stored


@transaction.atomic
def change_team(
    *, account: Account, members: Sequence[tuple[Any, str, bool]], by: Actor, at: datetime
) -> None:
    """Replace the owner team by (staff, role, is_owner) triples; at most one of them is the owner."""
    if sum(1 for _staff, _role, owner in members if owner) > 1:
        raise ValidationError(_("An account has one owner."))
    before = _team_in_words(account)
    AccountTeam.objects.filter(account=account).delete()
    for staff, role, owner in members:
        row = AccountTeam(account=account, staff=staff, role=role, is_owner=owner)
        row.full_clean()
        row.save()
    after = _team_in_words(account)
    if before != after:
        publish(AccountTeamChanged(account_id=account.pk, before=before, after=after), by=by, at=at)


def _team_in_words(account: Account) -> list[str]:
    rows = AccountTeam.objects.filter(account=account).order_by("role", "staff_id").select_related("staff")
    return [f"{row.role}: {row.staff}{' *' if row.is_owner else ''}" for row in rows]
