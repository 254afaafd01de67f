"""The list of signals, one signal, and settling it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    ActorColumn,
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    DateColumn,
    Done,
    Empty,
    Filters,
    FormPage,
    ListPage,
    NumberColumn,
    Undo,
    done,
    nav_entry,
    refusals_at,
    undoable,
)
from bihuan.foresee.signals import actions
from bihuan.foresee.signals.forms import DismissForm
from bihuan.foresee.signals.models import About, Severity, Signal, State
from bihuan.foresee.signals.queries import SEVERITY_KINDS, SUBJECTS, titles, told

STATE_KINDS = {"open": "warn", "handled": "ok"}


def page_of(signal: Signal) -> str:
    """The address of a signal."""
    return reverse("signals:page", args=[signal.pk])


def kind_choices() -> list[tuple[str, Any]]:
    """Every kind with its title."""
    return sorted(titles().items(), key=lambda one: one[1])


def about_choices() -> list[tuple[str, Any]]:
    """What a signal can be about; a metric is nothing that kinds are looked for."""
    return [*About.choices, ("metric", _("Metric"))]


class SignalFilters(Filters):
    """What the list can be narrowed by."""

    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=State.choices)
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=kind_choices)
    severity = django_filters.MultipleChoiceFilter(label=gettext_lazy("Severity"), choices=Severity.choices)
    about = django_filters.ChoiceFilter(label=gettext_lazy("About"), choices=about_choices, method="is_about")
    mine = django_filters.BooleanFilter(label=gettext_lazy("Told to me"), method="told_to_me")
    day = django_filters.DateFromToRangeFilter(label=gettext_lazy("Day"))
    metric = django_filters.CharFilter(label=gettext_lazy("Metric (key)"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))

    def is_about(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those about a thing of this sort."""
        return rows.filter(subject__startswith=f"{value}:")

    def told_to_me(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those that the reader owns, or the others."""
        me = actor_of(self.request).user_id
        return rows.filter(owner_id=me) if value else rows.exclude(owner_id=me)


def settle(rows: Sequence[Any], *, settled: Any) -> Done:
    """Settle those of the ticked ones that are open."""
    open_ones = [row for row in rows if row.state == State.OPEN]
    for row in open_ones:
        settled(row)
    text = ngettext("%(n)d signal settled.", "%(n)d signals settled.", len(open_ones)) % {"n": len(open_ones)}
    return Done(text=text, undo=Undo(name="signals.reopen", args={"ids": [row.pk for row in open_ones]}))


def handle_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Somebody saw to them."""
    return settle(rows, settled=lambda row: actions.handle_signal(signal=row, by=by, at=at))


def dismiss_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Nothing is to be done, for one reason."""
    return settle(
        rows, settled=lambda row: actions.dismiss_signal(signal=row, reason=data["reason"], by=by, at=at)
    )


class Signals(ListPage):
    """Every signal of the territory."""

    name, title, permission = "signals", gettext_lazy("Signals"), "signals.view"
    columns = (
        Column("said", gettext_lazy("What was seen"), get="told.said", sort=None, pinned=True, link=page_of),
        Column("about", gettext_lazy("About"), get="told.subject", sort="about", phone=True,
               link=lambda row: row.told.url or page_of(row)),
        Column("kind", gettext_lazy("Kind"), get="told.title", sort="kind"),
        BadgeColumn("severity", gettext_lazy("Severity"), choices=dict(Severity.choices), kinds=SEVERITY_KINDS, phone=True),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(State.choices), kinds=STATE_KINDS, phone=True),
        DateColumn("day", gettext_lazy("Day")),
        AgoColumn("raised_at", gettext_lazy("Raised")),
        DateColumn("last_seen", gettext_lazy("Last seen"), hidden=True),
        NumberColumn("times", gettext_lazy("Days seen")),
        Column("owner", gettext_lazy("Told to")),
        ActorColumn("settled_by_name", gettext_lazy("Settled by"), hidden=True),
        Column("note", gettext_lazy("Note"), hidden=True),
    )  # fmt: skip
    search = ("about", "account__name", "person__name", "product__name", "region__name", "metric", "note")
    filters = SignalFilters
    default_sort = "-raised_at"
    batch = (
        BatchAction(name="handle", title=gettext_lazy("Handled"), permission="signals.edit", run=handle_all),
        BatchAction(name="dismiss", title=gettext_lazy("Dismiss"), permission="signals.edit", run=dismiss_all, icon="x",
                    form=DismissForm),
    )  # fmt: skip
    empty = Empty(
        title=gettext_lazy("No signals"),
        text=gettext_lazy("A signal says that something happened which somebody should look at. Kinds say what is looked for."),
        action=gettext_lazy("Kinds of signals"), url="/signals/kinds/", icon="bell",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those that the actor may see."""
        return Signal.objects.visible_to(actor).select_related(*SUBJECTS)

    def prepared(self, records: list[Any], *, actor: Actor) -> list[Any]:
        """In words."""
        for one in told(records):
            one.signal.told = one  # type: ignore[attr-defined]
        return records

    def row_url(self, record: Any) -> str:
        """The signal's page."""
        return page_of(record)


def _signal(request: HttpRequest, pk: int) -> Signal:
    rows = Signal.objects.visible_to(actor_of(request)).select_related(*SUBJECTS)
    return get_object_or_404(rows, pk=pk)


@allow("signals.view")
def signal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was seen, about what, and who settled it how."""
    signal = _signal(request, pk)
    (one,) = told([signal])
    context = {
        "signal": signal, "told": one,
        "may_edit": actor_of(request).may("signals.edit"), "state_kind": STATE_KINDS.get(signal.state, ""),
        "severity_kind": SEVERITY_KINDS[Severity(signal.severity)],
        "is_open": signal.state == State.OPEN,
    }  # fmt: skip
    return render(request, "signals/page.html", context)


@allow("signals.edit")
@require_POST
def handle(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody saw to it."""
    signal = _signal(request, pk)
    with refusals_at(page_of(signal)):
        actions.handle_signal(
            signal=signal, note=request.POST.get("note", ""), by=actor_of(request), at=timezone.now()
        )
    undo = Undo(name="signals.reopen", args={"ids": [signal.pk]})
    return done(request, _("Handled."), to=page_of(signal), undo=undo)


class DismissSignal(FormPage):
    """Say why nothing is to be done."""

    name, title, permission, form = "signal", gettext_lazy("Dismiss"), "signals.edit", DismissForm
    submit = gettext_lazy("Dismiss")
    about = Signal

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Dismiss it."""
        actions.dismiss_signal(signal=subject, by=by, at=at, **form.cleaned_data)
        return _("Dismissed."), page_of(subject)


@allow("signals.edit")
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """It waits for somebody again."""
    signal = _signal(request, pk)
    with refusals_at(page_of(signal)):
        actions.reopen_signal(signal=signal, by=actor_of(request), at=timezone.now())
    return done(request, _("It is open again."), to=page_of(signal))


@undoable("signals.reopen", permission="signals.edit")
def reopen_all(*, by: Actor, at: datetime, ids: list[int]) -> str:
    """Take settling back."""
    for signal in Signal.objects.visible_to(by).filter(pk__in=ids).exclude(state=State.OPEN):
        if Signal.objects.open().filter(kind=signal.kind, subject=signal.subject).exists():
            continue
        actions.reopen_signal(signal=signal, by=by, at=at)
    return _("It is open again.")


nav_entry("signals", title=gettext_lazy("Signals"), url="signals:list", section="foresight", permission="signals.view",
          icon="bell", order=10)  # fmt: skip
