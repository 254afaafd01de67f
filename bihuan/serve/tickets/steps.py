"""Automatic steps of tickets, for processes and plays."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.act.work.automatic import Around, AutomaticStep, StepFailed, automatic_step
from bihuan.know.accounts.models import Account
from bihuan.serve.tickets.actions import open_ticket


def open_one(*, around: Around, subject: Any) -> Mapping[str, Any]:
    """A ticket of the account, opened by whoever the step acts for."""
    account = Account.objects.filter(pk=around.account_id).first() if around.account_id else None
    if account is None:
        raise StepFailed("no_account", _("The process is not about an account."))
    row = open_ticket(account=account, subject=str(subject)[:200], by=around.by, at=around.at)
    return {"ticket": row.key}


automatic_step(AutomaticStep(
    name="open_ticket", title=gettext_lazy("Open a ticket"), inputs={"subject": gettext_lazy("Subject")},
    results={"ticket": gettext_lazy("Key of the ticket")}, run=open_one,
))  # fmt: skip
