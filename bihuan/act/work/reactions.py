"""What an instance tells others reaches them after its transaction, once for each of them; absences move what lies on a
bench."""

from typing import Any

from bihuan.act.work import actions
from bihuan.act.work.events import ProcessTold
from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, reaction
from bihuan.know.absences.events import AbsenceBegan, AbsenceChanged, AbsenceEnded
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


@reaction(AbsenceBegan)
def hand_over_what_is_due(fact: AbsenceBegan, *, context: Delivery) -> None:
    """What lies on the bench of whoever is away, and cannot wait."""
    actions.hand_over_open(absence_id=fact.absence_id, by=system_actor("absences"), at=context.at)


@reaction(AbsenceChanged)
def hand_over_anew(fact: AbsenceChanged, *, context: Delivery) -> None:
    """To another deputy, or what is due before a later return."""
    by = system_actor("absences")
    actions.pass_on(absence_id=fact.absence_id, by=by, at=context.at)
    actions.hand_over_open(absence_id=fact.absence_id, by=by, at=context.at)


@reaction(AbsenceEnded)
def give_back_what_was_not_begun(fact: AbsenceEnded, *, context: Delivery) -> None:
    """To whoever is back."""
    actions.take_back(absence_id=fact.absence_id, by=system_actor("absences"), at=context.at)
