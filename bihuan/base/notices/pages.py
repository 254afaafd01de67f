"""The bell: what concerns me, read and unread, and which kinds I want to be told."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.notices import actions, notice_kinds
from bihuan.base.notices.forms import KindsForm
from bihuan.base.notices.models import Notice, SwitchedOff
from bihuan.base.ui import FormPage, done

PER_PAGE = 50


@allow("notices.own")
@require_GET
def notices_page(request: HttpRequest) -> HttpResponse:
    """The newest first; `unread=1` only those that were not read."""
    rows = Notice.objects.of(actor_of(request))
    unread = rows.unread().count()
    only = request.GET.get("unread") == "1"
    page = Paginator(rows.unread() if only else rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/page.html", {"page": page, "only": only, "unread": unread})


@allow("notices.own")
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone, for pages that stay open."""
    return render(
        request, "notices/parts/bell.html", {"count": Notice.objects.of(actor_of(request)).unread().count()}
    )


@allow("notices.own")
@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it, and go where it leads."""
    row = get_object_or_404(Notice.objects.of(actor_of(request)), pk=pk)
    actions.read(notice=row, by=actor_of(request), at=timezone.now())
    ours = url_has_allowed_host_and_scheme(row.url, allowed_hosts=None)
    return redirect(row.url if row.url and ours else reverse("notices:list"))


@allow("notices.own")
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything was read."""
    actions.read_all(by=actor_of(request), at=timezone.now())
    return done(request, _("All read."), to=reverse("notices:list"))


class Kinds(FormPage):
    """Which kinds one wants."""

    name, title, permission, form = (
        "notice-kinds",
        gettext_lazy("Settings of the bell"),
        "notices.own",
        KindsForm,
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Those that are not switched off."""
        off = set(SwitchedOff.objects.filter(user=actor.user_id or 0).values_list("kind", flat=True))
        return {
            "actor": actor,
            "initial": {"kinds": [one.name for one in notice_kinds() if one.name not in off]},
        }

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """From now on."""
        actions.choose_kinds(wanted=form.cleaned_data["kinds"], by=by, at=at)
        return _("Saved."), reverse("notices:list")
