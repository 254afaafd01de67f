"""Channels and limits, under Settings; and who wants no messages."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.act.reach import actions
from bihuan.act.reach.actions.consent import BY_STAFF
from bihuan.act.reach.forms import ChannelForm, DeclineForm, LimitsForm
from bihuan.act.reach.models import Channel, Kind, State, current_limits
from bihuan.act.reach.queries.consent import declined_for
from bihuan.act.reach.queries.inbox import secret_of
from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.ui import (
    ActorColumn,
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
from bihuan.base.webhooks.signing import secret_text

STATES = {"on": gettext_lazy("On"), "paused": gettext_lazy("Left alone"), "off": gettext_lazy("Off")}
STATE_KINDS = {"on": "ok", "paused": "warn", "off": "quiet"}
ICONS = {"in_app": "inbox", "email": "mail", "wecom": "robot", "dingtalk": "robot", "feishu": "robot", "webhook": "plug",
         "call": "phone"}  # fmt: skip


def page_of(row: Any) -> str:
    """The address of a channel."""
    return reverse("reach:channel", args=[row.pk])


def state_of(row: Any) -> str:
    """On, left alone for a while, or off."""
    if not row.active:
        return "off"
    return "paused" if row.paused_until and row.paused_until > timezone.now() else "on"


class Channels(ListPage):
    """All of them, with how they fare."""

    name, title, permission = "channels", gettext_lazy("Channels"), "reach.manage"
    template = "reach/channels.html"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, link=page_of),
        Column("kind", gettext_lazy("Kind"), get=lambda r: r.get_kind_display(), phone=True),
        BadgeColumn("state", gettext_lazy("State"), get=state_of, choices=STATES, kinds=STATE_KINDS, sort=None, phone=True),
        Column("account", gettext_lazy("Group of the account"), get=lambda r: r.account or "–", sort="account__name"),
        NumberColumn("waiting", gettext_lazy("Waiting")),
        AgoColumn("last_sent", gettext_lazy("Last sent")),
        ActorColumn("made_by_name", gettext_lazy("Added by"), hidden=True),
    )  # fmt: skip
    search = ("name", "account__name")
    default_sort = "name"
    create_title, create_permission = gettext_lazy("New channel"), "reach.manage"
    empty = Empty(
        title=gettext_lazy("No channels yet"), icon="antenna",
        text=gettext_lazy("A channel is a way to reach customers: the inbox in your product, e-mail, a robot in a group."),
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those of the territory that were not removed."""
        waiting = Count("messages", filter=Q(messages__state__in=[State.QUEUED, State.HELD]))
        rows = Channel.objects.visible_to(actor).select_related("account")
        return rows.annotate(waiting=waiting, last_sent=Max("messages__sent_at"))

    def row_url(self, record: Any) -> str:
        """Its page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The choice of kinds."""
        return reverse("reach:new_channel")


@allow("reach.manage")
def new_channel(request: HttpRequest) -> HttpResponse:
    """Which kind."""
    kinds = [(kind, title, ICONS[kind]) for kind, title in Kind.choices]
    return render(request, "reach/kinds.html", {"kinds": kinds})


class AddChannel(FormPage):
    """One of a kind."""

    name, title, permission, form = "channel", gettext_lazy("New channel"), "reach.manage", ChannelForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The kind, which must be one."""
        if route["kind"] not in Kind.values:
            raise Http404
        return Kind(route["kind"])

    def title_for(self, subject: Any) -> Any:
        """Which kind it is."""
        return _("New channel: %(kind)s") % {"kind": subject.label}

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """On at once."""
        return {"kind": subject, "actor": actor, "initial": {"active": True, "name": str(subject.label)}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """It can be sent on from now on."""
        return _("Added."), page_of(
            actions.add_channel(kind=subject.value, by=by, at=at, **form.cleaned_data)
        )


class EditChannel(FormPage):
    """Other words or credentials; on or off."""

    name, title, permission, form = "channel", gettext_lazy("Change the channel"), "reach.manage", ChannelForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """One that the actor may change."""
        return get_object_or_404(Channel.objects.managed_by(actor), pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What is stored, without what is sealed."""
        initial = {
            "name": subject.name,
            "active": subject.active,
            "account": subject.account_id,
            "url": subject.url,
        }
        return {"kind": subject.kind, "actor": actor, "old": subject, "initial": initial}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """From now on."""
        actions.change_channel(channel=subject, by=by, at=at, **form.cleaned_data)
        return _("Saved."), page_of(subject)


def _changeable(request: HttpRequest, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.managed_by(actor_of(request)), pk=pk)


@allow("reach.manage")
def channel_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How it fares, and what a product embeds."""
    actor = actor_of(request)
    rows = Channel.objects.visible_to(actor).select_related("account", "product")
    row = get_object_or_404(rows, pk=pk)
    state = state_of(row)
    context = {
        "row": row, "state": STATES[state], "state_kind": STATE_KINDS[state],
        "may_change": Channel.objects.managed_by(actor).filter(pk=row.pk).exists(),
        "has_secret": row.kind in (Kind.IN_APP, Kind.WEBHOOK),
        "in_app": row.kind == Kind.IN_APP, "home": settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/"),
        "waiting": row.messages.filter(state__in=[State.QUEUED, State.HELD]).count(),
    }  # fmt: skip
    return render(request, "reach/channel.html", context)


@allow("reach.manage")
@require_POST
def show_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, shown once."""
    row = _changeable(request, pk)
    with refusals_at(page_of(row)):
        row = actions.change_channel_secret(channel=row, by=actor_of(request), at=timezone.now())
    return render(request, "reach/secret.html", {"row": row, "secret": shown(row)})


def shown(row: Channel) -> str:
    """The secret as the other side is given it."""
    return secret_of(row) if row.kind == Kind.IN_APP else secret_text(row.key)


@allow("reach.manage")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing goes out on it any more."""
    actions.remove_channel(channel=_changeable(request, pk), by=actor_of(request), at=timezone.now())
    return done(request, _("Removed."), to=reverse("reach:channels"))


class EditLimits(FormPage):
    """How often anybody is written to, and when."""

    name, title, permission, form = "limits", gettext_lazy("Limits of messages"), "reach.manage", LimitsForm

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """As they are, for whoever may change them."""
        if actor.reach != Reach.ALL:
            raise PermissionDenied(
                _("Limits hold for all customers: changing them needs the territory of all.")
            )
        return {"instance": current_limits()}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """From the next message on."""
        actions.change_limits(by=by, at=at, **form.cleaned_data)
        return _("Saved."), reverse("reach:limits")


def how_of(row: Any) -> str:
    """How we know."""
    return (
        _("Told to %(name)s") % {"name": row.by_name} if row.how == BY_STAFF else _("By the link in a letter")
    )


class Declined(ListPage):
    """Who wants no messages."""

    name, title, permission = "declined", gettext_lazy("Messages declined"), "reach.view"
    columns = (
        Column("person", gettext_lazy("Person"), pinned=True, sort="person__name", get=lambda r: r.person,
               link=lambda r: reverse("accounts:person", args=[r.person_id])),
        Column("kind", gettext_lazy("Channel"), get=lambda r: r.get_kind_display() or _("All channels"), phone=True),
        AgoColumn("at", gettext_lazy("Since"), phone=True),
        Column("how", gettext_lazy("How"), get=how_of),
    )  # fmt: skip
    search = ("person__name", "person__email")
    default_sort = "-at"
    export_permission = "reach.export"
    create_title, create_permission = gettext_lazy("Somebody wants none"), "reach.send"
    empty = Empty(title=gettext_lazy("Nobody has declined"), icon="mail",
                  text=gettext_lazy("Whoever unsubscribes, or tells you that they want no messages, stands here."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """People of the territory."""
        return declined_for(actor)

    def row_url(self, record: Any) -> str:
        """Where it is taken back."""
        return reverse("reach:declined_one", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form."""
        return reverse("reach:decline")


class Decline(FormPage):
    """Somebody told us."""

    name, title, permission, form = (
        "decline",
        gettext_lazy("Somebody wants no messages"),
        "reach.send",
        DeclineForm,
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """People of the territory."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """From now on."""
        actions.opt_out(how=BY_STAFF, by=by, at=at, **form.cleaned_data)
        return _("Noted: no more messages."), reverse("reach:declined")


@allow("reach.send")
def declined_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and write to them again."""
    row = get_object_or_404(declined_for(actor_of(request)), pk=pk)
    if request.method == "POST":
        actions.opt_in(row=row, by=actor_of(request), at=timezone.now())
        return done(request, _("They are written to again."), to=reverse("reach:declined"))
    return render(request, "reach/wanted_again.html", {"row": row})


nav_entry("channels", title=gettext_lazy("Channels"), url="reach:channels", section="settings", permission="reach.manage",
          icon="antenna", order=65)  # fmt: skip
nav_entry("declined", title=gettext_lazy("Messages declined"), url="reach:declined", section="marketing",
          permission="reach.view", icon="ban", order=30)  # fmt: skip
