"""Notes, questions and tasks about an account, written in a dialog from anywhere."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import FormPage, Undo, done, undoable
from bihuan.know.accounts.actions import add_follow_up, finish_follow_up, reopen_follow_up
from bihuan.know.accounts.models import Account, FollowUp
from bihuan.site.forms import FOLLOW_UP_FORMS

TITLES = {
    "note": gettext_lazy("Note about %(name)s"),
    "question": gettext_lazy("Ask about %(name)s"),
    "task": gettext_lazy("Assign a task for %(name)s"),
}


class NewFollowUp(FormPage):
    """Note, ask or assign."""

    name = "follow-up"
    title = gettext_lazy("Follow-up")
    permission = "follow_ups.edit"
    stay = "follow-ups-changed"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The account within the territory, and the kind."""
        if route["kind"] not in FOLLOW_UP_FORMS:
            raise Http404
        return get_object_or_404(Account.objects.visible_to(actor), pk=route["account_id"]), route["kind"]

    def title_for(self, subject: Any) -> str:
        """Names the account."""
        account, kind = subject
        return str(TITLES[kind]) % {"name": account.name}

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The kind decides the form."""
        return {"kind": subject[1]}

    @staticmethod
    def form(*data: Any, kind: str, **options: Any) -> Any:
        """The form of the kind."""
        return FOLLOW_UP_FORMS[kind](*data, **options)

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """One action; a colleague whose territory lacks the account is refused beside the field."""
        account, kind = subject
        row = add_follow_up(account=account, kind=kind, by=by, at=at, **form.cleaned_data)
        said = {
            "note": _("Noted."),
            "question": _("%(name)s is asked.") % {"name": row.assignee},
            "task": _("%(name)s has the task.") % {"name": row.assignee},
        }
        return said[kind], f"/accounts/{account.pk}/"


@allow("follow_ups.edit")
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Done; can be undone."""
    actor = actor_of(request)
    row = get_object_or_404(FollowUp.objects.visible_to(actor), pk=pk)
    finish_follow_up(follow_up=row, by=actor, at=timezone.now())
    undo = Undo(name="follow_ups.reopen", args={"pk": row.pk})
    return done(request, _("Done."), to="/", undo=undo, stay="follow-ups-changed")


@undoable("follow_ups.reopen", permission="follow_ups.edit")
def reopen(*, by: Actor, at: Any, pk: int) -> str:
    """Back on the list."""
    row = FollowUp.objects.visible_to(by).filter(pk=pk).first()
    if row is None:
        raise ValidationError(_("This follow-up is gone."))
    reopen_follow_up(follow_up=row, by=by, at=at)
    return _("It is open again.")
