"""What an instance tells others reaches them after its transaction, once for each of them."""

from typing import Any

from bihuan.act.work import actions
from bihuan.act.work.events import ProcessTold
from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, reaction
from bihuan.know.accounts.models import Account


@reaction(ProcessTold)
def tell_the_others(fact: ProcessTold, *, context: Delivery) -> None:
    """Messages and signals; an escalation that nothing inside caught is for people to see."""
    if fact.kind == "escalation":
        return
    account = Account.objects.filter(pk=fact.account_id).first() if fact.account_id else None
    told: dict[str, Any] = {
        "name": fact.message,
        "values": fact.values,
        "once": str(context.uid),
        "account": account,
    }
    by = system_actor("processes")
    if fact.kind == "message":
        actions.deliver_message(key=fact.key, by=by, at=context.at, **told)
    else:
        actions.deliver_signal(by=by, at=context.at, **told)
