"""The automatic step of processes that sends a message to a customer."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.act.reach.actions import send_message
from bihuan.act.reach.models import TO_A_PERSON, Channel, Template
from bihuan.act.work.automatic import Around, AutomaticStep, StepFailed, automatic_step
from bihuan.know.accounts.models import Account, Membership, Person


def send_one(*, around: Around, channel: Any, template: Any, person: Any = None) -> Mapping[str, Any]:
    """Queued when the step is done, once however often it is tried; consent, limits and hours are looked at when it leaves.
    StepFailed `no_account`, `no_channel`, `no_template`, `no_person` for what is not there."""
    account = Account.objects.filter(pk=around.account_id).first() if around.account_id else None
    if account is None:
        raise StepFailed("no_account", _("The process is not about an account."))
    way = Channel.objects.kept().filter(Q(account=None) | Q(account=account), name=str(channel)).first()
    if way is None:
        raise StepFailed("no_channel", _("There is no channel “%(kind)s”.") % {"kind": channel})
    text = Template.objects.filter(removed_at=None, name=str(template)).first()
    if text is None:
        raise StepFailed("no_template", _("There is no template “%(name)s”.") % {"name": template})
    to = _of_account(account, person, around=around) if way.kind in TO_A_PERSON else None
    row = send_message(key=around.once, channel=way, template=text, account=account, person=to, by=around.by, at=around.at,
                       origin=f"process:{around.instance_id}")  # fmt: skip
    return {"message": row.message_id, "state": row.state}


def _of_account(account: Account, said: Any, *, around: Around) -> Person:
    """Whom a value means: the number, key or e-mail address of somebody who belongs to the account now."""
    here = Membership.objects.valid_on(timezone.localdate(around.at)).filter(account=account).values("person")
    rows = Person.objects.filter(pk__in=here, merged_into=None)
    text = "" if said is None else str(said).strip()
    named = Q(key=text) | Q(email__iexact=text)
    if text.isdecimal() and len(text) < 16:
        named |= Q(pk=int(text))
    found = rows.filter(named).order_by("pk").first() if text else None
    if found is None:
        why = _("Nobody of %(account)s has the number, key or e-mail address “%(person)s”.")
        raise StepFailed("no_person", why % {"account": account, "person": text})
    return found


automatic_step(AutomaticStep(
    name="send_message", title=gettext_lazy("Send the customer a message"),
    inputs={"channel": gettext_lazy("Name of the channel"), "template": gettext_lazy("Name of the template"),
            "person": gettext_lazy("Person: number, key or e-mail address")},
    results={"message": gettext_lazy("Id of the message"), "state": gettext_lazy("State of the message")}, run=send_one,
))  # fmt: skip
