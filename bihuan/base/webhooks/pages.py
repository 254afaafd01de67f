"""Pages of webhooks, under Settings: the list, one with its log, its form; replay, test, a new secret, removing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.bus.facts import title_of
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    Column,
    Empty,
    FormPage,
    ListPage,
    NumberColumn,
    done,
    nav_entry,
    refusals_at,
)
from bihuan.base.webhooks import actions
from bihuan.base.webhooks.actions.endpoints import TEST
from bihuan.base.webhooks.forms import EndpointForm, choices
from bihuan.base.webhooks.models import Delivery, Endpoint

STATES = {"on": gettext_lazy("On"), "failing": gettext_lazy("Failing"), "off": gettext_lazy("Off")}
STATE_KINDS = {"on": "ok", "failing": "bad", "off": "quiet"}
DELIVERY_KINDS = {"waiting": "info", "done": "ok", "given_up": "bad"}
PER_PAGE = 50


def state_of(row: Any) -> str:
    """On, failing or off."""
    if not row.active:
        return "off"
    return "failing" if row.failing_since else "on"


def page_of(row: Any) -> str:
    """The address of a webhook."""
    return reverse("webhooks:page", args=[row.pk])


class Webhooks(ListPage):
    """All of them, with how they fare."""

    name, title, permission = "webhooks", gettext_lazy("Webhooks"), "webhooks.manage"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, link=page_of),
        BadgeColumn("state", gettext_lazy("State"), get=state_of, choices=STATES, kinds=STATE_KINDS, sort=None, phone=True),
        Column("url", gettext_lazy("Address")),
        NumberColumn("waiting", gettext_lazy("Waiting")),
        AgoColumn("last_done", gettext_lazy("Last delivered")),
        Column("made_by_name", gettext_lazy("Added by"), hidden=True),
    )  # fmt: skip
    search = ("name", "url")
    default_sort = "name"
    create_title, create_permission = gettext_lazy("New webhook"), "webhooks.manage"
    empty = Empty(
        title=gettext_lazy("No webhooks yet"),
        text=gettext_lazy(
            "Let another program hear what happens in processes, signed and as soon as it happens."
        ),
        icon="plug",
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those that were not removed."""
        waiting = Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING))
        return Endpoint.objects.kept().annotate(waiting=waiting, last_done=Max("deliveries__done_at"))

    def row_url(self, record: Any) -> str:
        """Its page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form."""
        return reverse("webhooks:new")


class NewWebhook(FormPage):
    """Add one; its secret is made on its page, where it is shown once."""

    name, title, permission, form = "webhook", gettext_lazy("New webhook"), "webhooks.manage", EndpointForm
    template = "webhooks/form.html"

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """On, with all that happens in processes."""
        return {"facts": [name for name, _title in choices()[0]], "initial": {"active": True}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Heard from now on."""
        row = actions.add_endpoint(by=by, at=at, **form.said)
        return _("Added. Make its secret now, for the receiver."), page_of(row)


class EditWebhook(FormPage):
    """Other words, address, facts; on or off."""

    name, title, permission, form = (
        "webhook",
        gettext_lazy("Change the webhook"),
        "webhooks.manage",
        EndpointForm,
    )
    template = "webhooks/form.html"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """One that was not removed."""
        return get_object_or_404(Endpoint.objects.kept(), pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What is stored."""
        return {
            "facts": subject.facts, "initial": {"name": subject.name, "url": subject.url, "active": subject.active},
        }  # fmt: skip

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """From now on."""
        actions.change_endpoint(endpoint=subject, by=by, at=at, **form.said)
        return _("Saved."), page_of(subject)


def said_of(name: str) -> str:
    """What people call a fact, or a test."""
    return _("Test") if name == TEST else title_of(name)


@allow("webhooks.manage")
def webhook_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How it fares, what it is told, and the log of its deliveries."""
    row = get_object_or_404(Endpoint.objects.kept(), pk=pk)
    wanted = request.GET.get("state", "")
    rows = row.deliveries.filter(state=wanted) if wanted in Delivery.State.values else row.deliveries.all()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counted = dict(row.deliveries.order_by().values_list("state").annotate(Count("pk")))
    context = {
        "row": row, "state": STATES[state_of(row)], "state_kind": STATE_KINDS[state_of(row)], "page": page, "wanted": wanted,
        "facts": [title_of(name) for name in row.facts],
        "deliveries": [(one, said_of(one.name), DELIVERY_KINDS[one.state]) for one in page.object_list],
        "states": [(value, title, counted.get(value, 0)) for value, title in Delivery.State.choices],
    }  # fmt: skip
    return render(request, "webhooks/page.html", context)


@allow("webhooks.manage")
@require_POST
def change_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, shown once; the old one signs beside it for a day."""
    row = get_object_or_404(Endpoint.objects.kept(), pk=pk)
    row = actions.change_secret(endpoint=row, by=actor_of(request), at=timezone.now())
    return render(request, "webhooks/secret.html", {"row": row, "secret": row.secret})


def _posted(run: Callable[..., Any], text: Any, *, away: bool = False) -> Callable[..., Any]:
    @allow("webhooks.manage")
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Endpoint.objects.kept(), pk=pk)
        with refusals_at(page_of(row)):
            run(endpoint=row, by=actor_of(request), at=timezone.now())
        return done(request, str(text), to=reverse("webhooks:list") if away else page_of(row))

    return view


send_test = _posted(actions.send_test, gettext_lazy("A test is on its way; look at the log."))
remove = _posted(actions.remove_endpoint, gettext_lazy("Removed."), away=True)


@allow("webhooks.manage")
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one delivery once more."""
    row = get_object_or_404(
        Delivery.objects.filter(endpoint__removed_at=None).select_related("endpoint"), pk=pk
    )
    with refusals_at(page_of(row.endpoint)):
        actions.replay(delivery=row, by=actor_of(request), at=timezone.now())
    return done(request, _("It is sent once more."), to=page_of(row.endpoint))


nav_entry("webhooks", title=gettext_lazy("Webhooks"), url="webhooks:list", section="settings", permission="webhooks.manage",
          icon="plug", order=70)  # fmt: skip
