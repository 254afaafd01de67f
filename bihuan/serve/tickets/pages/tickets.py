"""Pages of tickets."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.bus.models import OutboxFact
from bihuan.base.calendars.queries import chosen_for
from bihuan.base.jobs.models import Job
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    FormPage,
    Hit,
    ListPage,
    NumberColumn,
    Undo,
    done,
    nav_entry,
    palette_source,
    refusals_at,
    undoable,
)
from bihuan.serve.tickets import actions
from bihuan.serve.tickets.forms import RatingForm, TicketForm
from bihuan.serve.tickets.models import Family, Priority, State, Ticket
from bihuan.serve.tickets.pages.due import DueColumn, standing, verdict

STATE_KINDS = {"open": "warn", "pending": "info", "solved": "ok", "closed": "quiet"}
PRIORITY_KINDS = {"urgent": "bad", "high": "warn", "medium": "info", "low": "quiet"}

FACT_TITLES = {
    "ticket_opened": gettext_lazy("opened the ticket"),
    "ticket_changed": gettext_lazy("changed the ticket"),
    "ticket_answered": gettext_lazy("answered first"),
    "ticket_solved": gettext_lazy("solved it"),
    "ticket_reopened": gettext_lazy("reopened it"),
    "ticket_resumed": gettext_lazy("let the clock run on"),
    "ticket_rated": gettext_lazy("recorded the satisfaction"),
}


class TicketFilters(Filters):
    """What a list of tickets can be narrowed by."""

    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=State.choices)
    family = django_filters.MultipleChoiceFilter(label=gettext_lazy("Family"), choices=Family.choices)
    priority = django_filters.MultipleChoiceFilter(label=gettext_lazy("Priority"), choices=Priority.choices)
    overdue = django_filters.BooleanFilter(label=gettext_lazy("Overdue"), method="by_overdue")
    escalated = django_filters.BooleanFilter(label=gettext_lazy("Escalated"))
    opened_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Opened"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))

    def by_overdue(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Past the nearest limit that still counts; solved and stopped ones are not."""
        return rows.filter(overdue(timezone.now())) if value else rows.exclude(overdue(timezone.now()))


def overdue(now: Any) -> Q:
    """Tickets whose due time is over."""
    return Q(due_at__isnull=False, due_at__lt=now)


def solve(*, rows: Sequence[Any], by: Actor, at: Any, data: Any) -> Done:
    """Solve the ticked tickets that are not yet."""
    open_ones = [ticket for ticket in rows if ticket.state in (State.OPEN, State.PENDING)]
    for ticket in open_ones:
        actions.solve_ticket(ticket=ticket, by=by, at=at)
    text = ngettext("%(n)d ticket solved.", "%(n)d tickets solved.", len(open_ones)) % {"n": len(open_ones)}
    return Done(
        text=text, undo=Undo(name="tickets.reopen", args={"ids": [ticket.pk for ticket in open_ones]})
    )


@undoable("tickets.reopen", permission="tickets.edit")
def reopen(*, by: Actor, at: Any, ids: list[int]) -> str:
    """Take back a solve."""
    for ticket in Ticket.objects.visible_to(by).filter(pk__in=ids):
        actions.reopen_ticket(ticket=ticket, by=by, at=at)
    return _("Reopened.")


class Tickets(ListPage):
    """All tickets of the territory."""

    name = "tickets"
    title = gettext_lazy("Tickets")
    permission = "tickets.view"
    template = "tickets/list.html"
    export_permission = "tickets.export"
    columns = (
        Column("subject", gettext_lazy("Subject"), pinned=True, link=lambda t: reverse("tickets:page", args=[t.pk])),
        Column("key", gettext_lazy("Number"), hidden=True),
        Column("account", gettext_lazy("Account"), get="account.name", phone=True,
               link=lambda t: reverse("site:account", args=[t.account_id])),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(State.choices), kinds=STATE_KINDS, phone=True),
        BadgeColumn("priority", gettext_lazy("Priority"), choices=dict(Priority.choices), kinds=PRIORITY_KINDS),
        BadgeColumn("family", gettext_lazy("Family"), choices=dict(Family.choices)),
        DueColumn("due_at", gettext_lazy("Due at"), sort=("no_due", "due_at"), phone=True),
        AgoColumn("opened_at", gettext_lazy("Opened")),
        NumberColumn("response", gettext_lazy("First response (min elapsed)"), get=lambda t: t.response_minutes),
        NumberColumn("resolution", gettext_lazy("Solved in (h elapsed)"), get=lambda t: t.resolution_hours, places=1),
        NumberColumn("response_service_minutes", gettext_lazy("First response (min of service time)"), hidden=True),
        NumberColumn("resolution_service_hours", gettext_lazy("Solved in (h of service time)"), places=1, hidden=True,
                     sort="resolution_service_minutes"),
        NumberColumn("satisfaction", gettext_lazy("Satisfaction")),
        Column("assignee", gettext_lazy("Assignee"), get="assignee.name", hidden=True),
    )  # fmt: skip
    search = ("subject", "key", "account__name")
    filters = TicketFilters
    default_sort = "-opened_at"
    create_title = gettext_lazy("New ticket")
    create_permission = "tickets.edit"
    batch = (BatchAction(name="solve", title=gettext_lazy("Solve"), permission="tickets.edit", run=solve),)
    empty = Empty(title=gettext_lazy("No tickets yet"),
                  text=gettext_lazy("Open the first one, or import them."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Tickets of visible accounts; those with a due time before those without when sorted by it."""
        without = ExpressionWrapper(Q(due_at__isnull=True), output_field=BooleanField())
        rows: QuerySet[Any] = Ticket.objects.visible_to(actor).select_related("account", "assignee")
        found: QuerySet[Any] = rows.annotate(no_due=without)
        return found

    def context(self, *, request: HttpRequest, **route: Any) -> dict[str, Any]:
        """Whether due times are being computed anew."""
        running = Job.objects.filter(name="tickets.measure", state__in=[Job.State.QUEUED, Job.State.RUNNING])
        return {"measuring": running.first()}

    def row_url(self, record: Any) -> str:
        """The ticket's page."""
        return reverse("tickets:page", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("tickets:new")


@allow("tickets.view")
def ticket_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One ticket with its times and what happened to it."""
    actor = actor_of(request)
    ticket = get_object_or_404(
        Ticket.objects.visible_to(actor).select_related("account", "person", "assignee", "product"), pk=pk
    )
    facts = OutboxFact.objects.filter(account_id=ticket.account_id, payload__ticket_id=ticket.pk).order_by(
        "-at"
    )
    now = timezone.now()
    context = {"due": standing(ticket, now=now),
               "response": verdict(due=ticket.response_due_at, done=ticket.first_response_at, now=now),
               "resolution": verdict(due=ticket.resolve_due_at, done=ticket.resolved_at, now=now),
               "pauses": ticket.pauses.all(), "paused": ticket.state == State.PENDING,
               "calendar": chosen_for(account_id=ticket.account_id),
               "ticket": ticket, "facts": [(fact, FACT_TITLES.get(fact.name, fact.name)) for fact in facts[:50]],
               "may_edit": actor.may("tickets.edit"), "rating": RatingForm(),
               "solved": ticket.state in (State.SOLVED, State.CLOSED), "state_kind": STATE_KINDS[ticket.state],
               "priority_kind": PRIORITY_KINDS[ticket.priority]}  # fmt: skip
    return render(request, "tickets/page.html", context)


@allow("tickets.edit")
@require_POST
def move_ticket(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Answer, resume, solve, reopen or rate."""
    actor = actor_of(request)
    ticket = get_object_or_404(Ticket.objects.visible_to(actor), pk=pk)
    now, to = timezone.now(), reverse("tickets:page", args=[pk])
    with refusals_at(to):
        if step == "answer":
            actions.answer_ticket(ticket=ticket, by=actor, at=now)
            return done(request, _("Answered. The clock of the first response has stopped."), to=to)
        if step == "solve":
            actions.solve_ticket(ticket=ticket, by=actor, at=now)
            return done(request, _("Solved."), to=to, undo=Undo(name="tickets.reopen", args={"ids": [pk]}))
        if step == "resume":
            actions.resume_ticket(ticket=ticket, by=actor, at=now)
            return done(request, _("The clock runs on."), to=to)
        if step == "reopen":
            actions.reopen_ticket(ticket=ticket, by=actor, at=now)
            return done(request, _("Reopened."), to=to)
        if step == "rate":
            form = RatingForm(request.POST)
            if form.is_valid():
                actions.rate_ticket(ticket=ticket, by=actor, at=now, **form.cleaned_data)
                return done(request, _("Satisfaction kept."), to=to)
            return done(request, _("Choose 1 to 5."), to=to, kind="error")
    raise Http404(step)


class NewTicket(FormPage):
    """Open a ticket."""

    name = "ticket"
    title = gettext_lazy("New ticket")
    permission = "tickets.edit"
    form = TicketForm

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The account may be given in the address."""
        return {"actor": actor, "initial": {"account": request.GET.get("account")}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Open it and go there."""
        ticket = actions.open_ticket(**form.cleaned_data, by=by, at=at)
        return _("Ticket opened."), reverse("tickets:page", args=[ticket.pk])


class EditTicket(NewTicket):
    """Change a ticket."""

    title = gettext_lazy("Edit ticket")
    about = Ticket

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"actor": actor, "instance": Ticket.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Change what differs."""
        fields = {name: value for name, value in form.cleaned_data.items() if name in actions.CHANGEABLE}
        actions.change_ticket(ticket=subject, by=by, at=at, **fields)
        return _("Ticket saved."), reverse("tickets:page", args=[subject.pk])


nav_entry("tickets", title=gettext_lazy("Tickets"), url="tickets:list", section="service",
          permission="tickets.view", icon="headset")  # fmt: skip


@palette_source("tickets", title=gettext_lazy("Tickets"), permission="tickets.view", icon="headset")
def find_tickets(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """Tickets by subject or number."""
    rows = Ticket.objects.visible_to(actor).filter(Q(subject__icontains=q) | Q(key__icontains=q))[:limit]
    return [Hit(title=row.subject, url=reverse("tickets:page", args=[row.pk])) for row in rows]
