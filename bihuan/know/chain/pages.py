"""Pages that change a decision chain; it is shown as a panel of the account page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import FormPage, done, refusals_at
from bihuan.know.accounts.queries import visible_account
from bihuan.know.chain.actions import record_contact, remove_chain_member, set_chain_member
from bihuan.know.chain.forms import ChainMemberForm
from bihuan.know.chain.models import ChainMember


class NewMember(FormPage):
    """Put a person into the chain."""

    name = "chain-member"
    title = gettext_lazy("Decision chain")
    permission = "chain.edit"
    form = ChainMemberForm
    stay = "chain-changed"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The account and, for a change, the member."""
        account = visible_account(pk=route["account"], actor=actor)
        member = get_object_or_404(ChainMember, account=account, pk=route["pk"]) if "pk" in route else None
        return account, member

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        account, member = subject
        names = ("person", "role", "stance", "influence", "last_contact_on", "note")
        return {
            "account": account,
            "initial": {name: getattr(member, name) for name in names} if member else {},
        }

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Keep the place."""
        account, member = subject
        set_chain_member(account=account, instead_of=member, by=by, at=at, **form.cleaned_data)
        return _("Decision chain saved."), reverse("site:account", args=[account.pk])


class EditMember(NewMember):
    """Change a person's place."""


@allow("chain.edit")
@require_POST
def move_member(request: HttpRequest, account: int, pk: int, step: str) -> HttpResponse:
    """Record a contact today, or take the person out."""
    actor, now = actor_of(request), timezone.now()
    found = visible_account(pk=account, actor=actor)
    member = get_object_or_404(ChainMember, account=found, pk=pk)
    to = reverse("site:account", args=[found.pk])
    with refusals_at(to):
        if step == "contacted":
            record_contact(member=member, on=timezone.localdate(now), by=actor, at=now)
            return done(request, _("Contact recorded."), to=to, stay="chain-changed")
        remove_chain_member(member=member, by=actor, at=now)
        return done(request, _("Removed from the chain."), to=to, stay="chain-changed")
