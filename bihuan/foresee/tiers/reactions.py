"""The history follows a tier that somebody changed elsewhere: in the account's form, by an import, over REST."""

from bihuan.base.bus import Delivery, reaction
from bihuan.foresee.tiers.actions import note_move
from bihuan.foresee.tiers.models import Why
from bihuan.know.accounts.events import AccountChanged
from bihuan.know.accounts.models import Account


@reaction(AccountChanged)
def keep_the_move(fact: AccountChanged, *, context: Delivery) -> None:
    """Once; what our own actions moved stands in the history already."""
    account = Account.objects.filter(pk=fact.account_id).first()
    if account is None or "tier" not in fact.after:
        return
    note_move(
        account=account, before=str(fact.before.get("tier") or ""), after=str(fact.after["tier"] or ""), why=Why.HAND,
        by_name=context.actor_name, at=context.at,
    )  # fmt: skip
