"""The delivery log: what was sent to whom on which channel, and how it fares; one message with its tries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from bihuan.act.reach import actions
from bihuan.act.reach.actions.messages import WAITING
from bihuan.act.reach.models import Kind, Message, State, Why
from bihuan.act.reach.queries import figures_of
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    ActorColumn,
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    ListPage,
    done,
    each,
    nav_entry,
    refusals_at,
)
from bihuan.know.accounts.models import Stage
from bihuan.know.staff.models import Region

STATE_KINDS = {"queued": "info", "held": "warn", "sending": "info", "sent": "ok", "failed": "bad", "skipped": "quiet",
               "cancelled": "quiet"}  # fmt: skip


def page_of(row: Any) -> str:
    """The address of a message."""
    return reverse("reach:message", args=[row.pk])


def account_of(row: Any) -> str:
    """The address of its account."""
    return reverse("site:account", args=[row.account_id]) if row.account_id else ""


class MessageFilters(Filters):
    """What the log can be narrowed by."""

    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=State.choices)
    kind = django_filters.ChoiceFilter(
        field_name="channel__kind", label=gettext_lazy("Kind of channel"), choices=Kind.choices
    )
    reason = django_filters.ChoiceFilter(label=gettext_lazy("Reason"), choices=Why.choices)
    created_at = django_filters.DateFromToRangeFilter(label=pgettext_lazy("message", "Created"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))
    person = django_filters.NumberFilter(field_name="person_id", label=gettext_lazy("Person number"))
    origin = django_filters.CharFilter(label=gettext_lazy("Origin"))


def cancel_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Take back those of the ticked ones that still wait."""
    n = len(each(rows, lambda row: actions.cancel_message(message=row, by=by, at=at))[0])
    return Done(text=ngettext("%(n)d message cancelled.", "%(n)d messages cancelled.", n) % {"n": n})


def retry_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Try those again that failed or were skipped."""
    over = [row for row in rows if row.state != State.HELD]
    n = len(each(over, lambda row: actions.retry_message(message=row, by=by, at=at))[0])
    return Done(
        text=ngettext("%(n)d message is tried again.", "%(n)d messages are tried again.", n) % {"n": n}
    )


class Messages(ListPage):
    """Everything that was sent or is to be, the newest first."""

    name, title, permission = "messages", pgettext_lazy("reach", "Messages"), "reach.view"
    template = "reach/messages.html"
    columns = (
        Column("subject", gettext_lazy("Subject"), pinned=True, link=page_of),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(State.choices), kinds=STATE_KINDS, phone=True),
        Column("channel", gettext_lazy("Channel"), get=lambda r: r.channel.name, sort="channel__name"),
        Column("account", gettext_lazy("Account"), get=lambda r: r.account or "–", sort="account__name", link=account_of,
               phone=True),
        Column("person", gettext_lazy("Person"), get=lambda r: r.person or "–", sort="person__name"),
        Column("reason", gettext_lazy("Reason"), get=lambda r: r.get_reason_display() or "–", sort="reason"),
        AgoColumn("created_at", pgettext_lazy("message", "Created"), sort="id"),
        AgoColumn("sent_at", pgettext_lazy("message", "Sent")),
        AgoColumn("opened_at", pgettext_lazy("message", "Opened")),
        AgoColumn("clicked_at", gettext_lazy("Clicked")),
        Column("template_name", gettext_lazy("Template"), hidden=True),
        ActorColumn("by_name", gettext_lazy("By"), hidden=True),
        Column("origin", gettext_lazy("Origin"), hidden=True),
    )  # fmt: skip
    search = ("subject", "account__name", "person__name", "person__email", "template_name")
    filters = MessageFilters
    default_sort = "-created_at"
    export_permission = "reach.export"
    create_title, create_permission = gettext_lazy("New message"), "reach.send"
    batch = (
        BatchAction(name="cancel", title=gettext_lazy("Cancel the message"), permission="reach.send", run=cancel_all,
                    icon="ban"),
        BatchAction(name="retry", title=gettext_lazy("Try again"), permission="reach.send", run=retry_all, icon="refresh"),
    )  # fmt: skip
    empty = Empty(
        title=gettext_lazy("No messages yet"),
        text=gettext_lazy("Write to people in your product, by e-mail or in their group, and see here what became of it."),
        action=gettext_lazy("New message"), url="/reach/new/", icon="send",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those about accounts of the territory."""
        return Message.objects.visible_to(actor).select_related("channel", "account", "person")

    def row_url(self, record: Any) -> str:
        """The message's page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form."""
        return reverse("reach:new")

    def context(self, *, request: HttpRequest, **route: Any) -> dict[str, Any]:
        """How a sending fares, when the list is narrowed to one."""
        origin = request.GET.get("origin", "")[:120]
        return {"figures": figures_of(actor=actor_of(request), origin=origin) if origin else None}


def message_named(request: HttpRequest, pk: int) -> Message:
    """The message within the reader's territory, or 404."""
    rows = Message.objects.visible_to(actor_of(request)).select_related(
        "channel", "account", "person", "template"
    )
    return get_object_or_404(rows, pk=pk)


def only_in_words(only: Mapping[str, Any]) -> str:
    """Whom an inbox shows it to, as the form says it; "" for everybody who got it."""
    region = Region.objects.filter(pk=only["region_id"]).first() if "region_id" in only else None
    said = [
        _("people who are online") if only.get("online") else "",
        str(region or "–") if "region_id" in only else "",
        str(dict(Stage.choices).get(only.get("stage", ""), "")),
        _("tier %(tier)s") % {"tier": only["tier"]} if "tier" in only else "",
        str(only.get("segment", "")),
    ]
    return " · ".join(one for one in said if one)


@allow("reach.view")
def message_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent, the tries, and what the reader did."""
    row = message_named(request, pk)
    unclear = row.state == State.HELD and row.reason == Why.UNCLEAR
    context = {
        "row": row, "state_kind": STATE_KINDS[row.state], "tries": row.tries.all()[:50], "unclear": unclear,
        "can_cancel": row.state in WAITING and not unclear, "can_retry": unclear or row.state in (State.FAILED, State.SKIPPED),
        "may_send": actor_of(request).may("reach.send"), "only": only_in_words(row.only),
    }  # fmt: skip
    return render(request, "reach/message.html", context)


def _posted(run: Callable[..., Any], text: Any) -> Callable[..., Any]:
    @allow("reach.send")
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        row = message_named(request, pk)
        with refusals_at(page_of(row)):
            run(message=row, by=actor_of(request), at=timezone.now())
        return done(request, str(text), to=page_of(row))

    return view


cancel = _posted(actions.cancel_message, gettext_lazy("Cancelled."))
retry = _posted(actions.retry_message, gettext_lazy("It is tried again."))
confirm = _posted(actions.confirm_message, gettext_lazy("Noted: it arrived."))

nav_entry("messages", title=pgettext_lazy("reach", "Messages"), url="reach:messages", section="marketing",
          permission="reach.view", icon="send", order=10)  # fmt: skip
