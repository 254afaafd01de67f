"""Handing an account over: the owner changes, the rest of the owner team stays."""

from datetime import datetime

from bihuan.base.access import Actor
from bihuan.know.accounts.actions import change_team
from bihuan.know.accounts.models import Account, AccountTeam, TeamRole
from bihuan.know.staff.models import Staff
from bihuan.site.models import AccountCard


def give_owner(*, account: Account, owner: Staff | None, by: Actor, at: datetime) -> None:
    """Make `owner` the owner (None: nobody) through the action that changes the owner team."""
    rows = AccountTeam.objects.filter(account=account).select_related("staff")
    members = [(row.staff, row.role, owner is not None and row.staff_id == owner.pk) for row in rows]
    seen = False
    for place, (staff, role, is_owner) in enumerate(members):
        members[place] = (staff, role, is_owner and not seen)
        seen = seen or is_owner
    if owner is not None and not seen:
        members.append((owner, TeamRole.OPERATIONS.value, True))
    change_team(account=account, members=members, by=by, at=at)
    AccountCard.objects.filter(pk=account.pk).update(owner=owner, owner_name=owner.name if owner else "")
