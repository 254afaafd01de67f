"""The account page: facts at once, the rest in panels that load by themselves."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.calendars.queries import chosen_for
from bihuan.base.ui import panels
from bihuan.base.ui.panel import panel as panel_named
from bihuan.foresee.health.queries import reasons_in_words
from bihuan.know.accounts.models import Account, AccountTeam
from bihuan.site.models import AccountCard
from bihuan.site.timeline_context import time_line_context


def account_or_404(pk: int, *, actor: Actor) -> Account:
    """The account if it lies in the actor's territory."""
    return get_object_or_404(Account.objects.visible_to(actor).select_related("region", "parent"), pk=pk)


@allow("accounts.view")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Header and frames; each panel comes with hx-get."""
    actor = actor_of(request)
    found = account_or_404(pk, actor=actor)
    card = AccountCard.objects.filter(pk=pk).first()
    day = timezone.localtime(timezone.now()).date()
    children = Account.objects.filter(parent=found).exists()
    shown = [p for p in panels("account", actor=actor) if p.name != "group" or children]
    context = {
        "account": found,
        "card": card,
        "own_calendar": chosen_for(account_id=pk) if actor.may("calendars.view") else "",
        "days": card.days_to_renewal(on=day) if card else None,
        "reasons": reasons_in_words(card.reasons) if card else [],
        "team": AccountTeam.objects.filter(account=found)
        .select_related("staff")
        .order_by("-is_owner", "role"),
        "areas": {area: [p for p in shown if p.area == area] for area in ("top", "main", "side", "wide")},
    }
    return render(request, "site/account.html", context)


@allow("accounts.view")
def panel(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """The inside of one panel. What the actor may not see is not there."""
    actor = actor_of(request)
    shown = panel_named("account", name)
    if shown is None or not actor.may(shown.permission):
        raise Http404
    inside = shown.render(request, account_or_404(pk, actor=actor))
    return inside if isinstance(inside, HttpResponseBase) else HttpResponse(inside)


@allow("workbench.view")
def workbench_panel(request: HttpRequest, name: str) -> HttpResponseBase:
    """The inside of a panel of the workbench."""
    shown = panel_named("workbench", name)
    if shown is None or not actor_of(request).may(shown.permission):
        raise Http404
    inside = shown.render(request, None)
    return inside if isinstance(inside, HttpResponseBase) else HttpResponse(inside)


@allow("timeline.view")
def time_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Lines of the time line: of one kind, before a moment; the next page is fetched when scrolled to."""
    actor = actor_of(request)
    found = account_or_404(pk, actor=actor)
    return render(request, "site/parts/timeline.html", time_line_context(request, found, actor=actor))
