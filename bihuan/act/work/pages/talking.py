"""Comments and files of an item or an instance, and links for those outside."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.act.work import actions
from bihuan.act.work.actions.picking import is_number
from bihuan.act.work.forms import InviteForm, StepForm
from bihuan.act.work.models import Invitation, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.act.work.pages.item import form_of, item_of
from bihuan.act.work.pages.marks import page_of
from bihuan.act.work.queries import file_for, node_of
from bihuan.base.access import Actor, actor_of, allow, public
from bihuan.base.ui import FormPage, done, download, put_errors, refusals_at
from bihuan.know.accounts.models import Account

#: So many customers are proposed at once.
MOST_FOUND = 12


@allow("work.do")
@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """A comment, a file, or both."""
    item = item_of(request, pk)
    about: dict[str, Any] = {
        "instance": item.instance,
        "item": item,
        "by": actor_of(request),
        "at": timezone.now(),
    }
    file = request.FILES.get("file")
    with refusals_at(page_of(item)):
        if file is not None:
            actions.attach(name=file.name or "", content=file, **about)
        if request.POST.get("text", "").strip() or file is None:
            actions.comment(text=request.POST.get("text", ""), **about)
    return done(request, _("Kept."), to=page_of(item))


@allow("work.do")
def file(request: HttpRequest, pk: int) -> FileResponse:
    """A file, always as a download: nothing that somebody attached is shown as a page of ours."""
    row = file_for(actor_of(request), pk)
    if row is None:
        raise Http404
    return download(default_storage.open(row.place), name=row.name)


class Invite(FormPage):
    """A link for whoever has no account here."""

    name, title, permission, form = "invitation", gettext_lazy("Make a link"), "work.do", InviteForm
    submit = gettext_lazy("Make the link")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The item, within what the actor may see."""
        return get_object_or_404(WorkItem.objects.visible_to(actor), pk=route["pk"])

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Shown once, on the page of the item."""
        _row, secret = actions.invite(item=subject, name=form.cleaned_data["name"], by=by, at=at)
        return _("Copy the link now; it is not shown again."), f"{page_of(subject)}?link={secret}"


@allow("work.do")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A link leads nowhere from now on."""
    actor = actor_of(request)
    row = get_object_or_404(Invitation.objects.visible_to(actor), pk=pk)
    with refusals_at(page_of(row.item)):
        actions.revoke(invitation=row, by=actor, at=timezone.now())
    return done(request, _("The link leads nowhere from now on."), to=page_of(row.item))


@allow("work.do")
def find_accounts(request: HttpRequest) -> HttpResponse:
    """Customers of the territory for a field that asks for one: `field` names it, and its value is what was typed."""
    typed = request.GET.get(request.GET.get("field", ""), "")[:100].strip()
    rows = Account.objects.visible_to(actor_of(request)).order_by("name")
    found = rows.filter(Q(name__icontains=typed) | Q(key__icontains=typed)) if typed else rows
    return render(request, "work/parts/accounts.html", {"rows": found[:MOST_FOUND]})


def _invitation(secret: str) -> Invitation:
    rows = Invitation.objects.select_related("item__instance__version", "item__instance__process")
    return get_object_or_404(
        rows, digest=actions.digest_of(secret), revoked_at=None, ends_at__gt=timezone.now()
    )


@public
def guest(request: HttpRequest, secret: str) -> HttpResponse:
    """One item, for whoever holds its link: what to do, its form, and nothing else of the process."""
    invitation = _invitation(secret)
    item, node, language = invitation.item, node_of(invitation.item), get_language() or ""
    open_ = item.state in WAITING and invitation.used_at is None
    form, status = None, 200
    if open_:
        form = StepForm(
            fields=node.fields if node else (), signature=bool(node and node.work.signature), guest=True
        )
        if request.method == "POST":
            form = form_of(item, request.POST, request.FILES, guest=True)
            form.is_valid()
            ticks = [int(one) for one in request.POST.getlist("ticks") if is_number(one)]
            values = {name: form.cleaned_data.get(name) for name in form.fields if name != "signed"}
            try:
                actions.accept(
                    invitation=invitation,
                    values=values,
                    ticks=ticks,
                    signed=request.POST.get("signed", ""),
                    at=timezone.now(),
                )
                open_ = False
            except ValidationError as error:
                put_errors(form, error)
                status = 422
    checks = [
        (line, one.title.said(language), one.required) for line, one in enumerate(node.checks if node else ())
    ]
    context = {
        "item": item, "form": form if open_ else None, "is_open": open_, "checks": checks, "name": invitation.name,
        "text": node.text.said(language) if node else "", "url": reverse("work:guest", args=[secret]),
    }  # fmt: skip
    return render(request, "work/guest.html", context, status=status)
