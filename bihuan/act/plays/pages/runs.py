"""Runs: all of them, one with what it will do, and deciding."""

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
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from bihuan.act.plays import actions
from bihuan.act.plays.forms import KINDS, DeclineForm, MinutesForm, RewordForm
from bihuan.act.plays.models import Arm, Play, PlayRun, State
from bihuan.act.plays.queries import Against, minutes_of
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    FormPage,
    ListPage,
    NumberColumn,
    Undo,
    done,
    each,
    nav_entry,
    refusals_at,
    undoable,
)

STATE_KINDS = {"proposed": "warn", "confirmed": "info", "running": "info", "done": "ok", "declined": "quiet",
               "skipped": "quiet", "expired": "quiet"}  # fmt: skip
GOAL_KINDS = {"yes": "ok", "no": "bad", "open": "quiet"}
ARM_KINDS = {"held": "quiet"}
GOALS = {"yes": gettext_lazy("Reached"), "no": gettext_lazy("Missed"), "open": gettext_lazy("Open yet")}


def page_of(row: Any) -> str:
    """The address of a run."""
    return reverse("plays:run", args=[row.pk])


def goal_state(row: PlayRun) -> str:
    """yes, no or open."""
    if row.goal_reached_at is not None:
        return "yes"
    return "open" if row.closed_at is None else "no"


class RunFilters(Filters):
    """What runs can be narrowed by."""

    play = django_filters.ModelChoiceFilter(label=gettext_lazy("Play"), queryset=Play.objects.all())
    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=State.choices)
    arm = django_filters.ChoiceFilter(label=gettext_lazy("Arm"), choices=Arm.choices)
    mine = django_filters.BooleanFilter(label=gettext_lazy("On my bench"), method="on_my_bench")
    opened_at = django_filters.DateFromToRangeFilter(label=pgettext_lazy("play", "Opened"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))

    def on_my_bench(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those for the reader, or the others."""
        me = actor_of(self.request).user_id
        return rows.filter(assignee_id=me) if value else rows.exclude(assignee_id=me)


def confirm_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Those of the ticked ones that are proposed, and theirs to confirm."""
    sure, left = each(rows, lambda row: actions.confirm_run(run=row, by=by, at=at))
    text = ngettext("%(n)d play confirmed.", "%(n)d plays confirmed.", len(sure)) % {"n": len(sure)}
    if left:
        text += " " + _("%(n)d could not be: decided already, or on somebody else's bench.") % {
            "n": len(left)
        }
    return Done(text=text, undo=Undo(name="plays.unconfirm", args={"ids": [row.pk for row in sure]}))


class Runs(ListPage):
    """Every run of the territory."""

    name, title, permission = "play-runs", gettext_lazy("Runs of plays"), "plays.view"
    columns = (
        Column("play", gettext_lazy("Play"), get="play", sort="play__name", pinned=True, link=page_of, phone=True),
        Column("account", gettext_lazy("Account"), get="account.name", sort="account__name", phone=True,
               link=lambda row: reverse("site:account", args=[row.account_id])),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(State.choices), kinds=STATE_KINDS, phone=True),
        BadgeColumn("arm", gettext_lazy("Arm"), choices=dict(Arm.choices), kinds=ARM_KINDS),
        BadgeColumn("goal", gettext_lazy("Goal"), get=goal_state, choices=GOALS, kinds=GOAL_KINDS, sort=None),
        Column("assignee", gettext_lazy("For"), get=lambda row: row.assignee or "", sort="assignee__name"),
        AgoColumn("opened_at", pgettext_lazy("play", "Opened")),
        AgoColumn("due_at", gettext_lazy("Due at")),
        AgoColumn("goal_due", gettext_lazy("Goal until"), hidden=True),
        NumberColumn("minutes", gettext_lazy("Minutes written down"), hidden=True),
        Column("reason", gettext_lazy("Reason"), hidden=True),
        Column("origin", gettext_lazy("Origin"), hidden=True),
    )  # fmt: skip
    search = ("play__name", "play__name_zh", "account__name", "reason")
    filters = RunFilters
    default_sort = "-opened_at"
    batch = (
        BatchAction(
            name="confirm",
            title=gettext_lazy("Confirm"),
            permission="plays.do",
            run=confirm_all,
            icon="check",
        ),
    )
    empty = Empty(
        title=gettext_lazy("No play has met anybody"),
        text=gettext_lazy("Switch a play on, or propose one for an account: what it does and whether it helps stands here."),
        action=gettext_lazy("Plays"), url="/plays/", icon="target",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those of the territory."""
        return PlayRun.objects.visible_to(actor).select_related("play", "account", "assignee")

    def row_url(self, record: Any) -> str:
        """The run."""
        return page_of(record)


def _run(request: HttpRequest, pk: int) -> PlayRun:
    rows = PlayRun.objects.visible_to(actor_of(request)).select_related(
        "play", "account", "assignee", "person"
    )
    found: PlayRun = get_object_or_404(rows, pk=pk)
    return found


@allow("plays.view")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What it will do, word by word, and how it went."""
    now, actor, run = timezone.now(), actor_of(request), _run(request, pk)
    steps = []
    open_ones = run.state in (State.PROPOSED, State.CONFIRMED, State.RUNNING)
    by = run.assignee.actor() if run.assignee is not None else actor
    for step in run.steps.all():
        message = step.spec.get("kind") == "message" and step.done_at is None and open_ones
        step.run = run
        steps.append({
            "step": step, "kind": KINDS.get(step.spec.get("kind", ""), ""), "title": actions.title_of(step),
            "preview": actions.preview_of(step, by=by, at=now) if message else None,
            "may_reword": message and run.state in (State.PROPOSED, State.CONFIRMED),
        })  # fmt: skip
    context = {
        "run": run, "steps": steps, "state_kind": STATE_KINDS.get(run.state, ""), "goal": GOALS[goal_state(run)],
        "may_do": actor.may("plays.do"), "proposed": run.state == State.PROPOSED, "held": run.arm == Arm.HELD,
        "undoable": run.state == State.CONFIRMED and not run.steps.exclude(done_at=None).exists(),
        "worked": minutes_of([run.pk]).get(run.pk, 0),
        "despite": [Against(one).label for one in run.despite if one in Against.values],
    }  # fmt: skip
    return render(request, "plays/run.html", context)


@allow("plays.do")
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes; it can be taken back until its first step is done."""
    run = _run(request, pk)
    with refusals_at(page_of(run)):
        actions.confirm_run(run=run, by=actor_of(request), at=timezone.now())
    undo = Undo(name="plays.unconfirm", args={"ids": [run.pk]})
    return done(request, _("Confirmed. It begins in two minutes."), to=page_of(run), undo=undo)


@allow("plays.do")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to a proposal, while nothing was done."""
    run = _run(request, pk)
    with refusals_at(page_of(run)):
        actions.undo_confirmation(run=run, by=actor_of(request), at=timezone.now())
    return done(request, _("Taken back; it is a proposal again."), to=page_of(run))


@allow("plays.do")
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """What is confirmed is done at once; it cannot be taken back any more."""
    run, now = _run(request, pk), timezone.now()
    with refusals_at(page_of(run)):
        actions.begin_now(run=run, by=actor_of(request), at=now)
    actions.carry_run(run=run, at=now)
    return done(request, _("It has begun."), to=page_of(run))


@undoable("plays.unconfirm", permission="plays.do")
def unconfirm(*, by: Actor, at: datetime, ids: list[int]) -> str:
    """Take confirmations back; those that have begun go on."""
    for run in PlayRun.objects.visible_to(by).filter(pk__in=ids, state=State.CONFIRMED):
        actions.undo_confirmation(run=run, by=by, at=at)
    return _("Taken back; it is a proposal again.")


class Decline(FormPage):
    """Say why not."""

    name, title, permission, form = "play-run", gettext_lazy("Decline the play"), "plays.do", DeclineForm
    submit = gettext_lazy("Decline")
    about = PlayRun

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Decline it."""
        actions.decline_run(run=subject, by=by, at=at, **form.cleaned_data)
        return _("Declined."), page_of(subject)


class Reword(FormPage):
    """Other words for one message of this run."""

    name, title, permission, form = "play-step", gettext_lazy("Change the message"), "plays.do", RewordForm
    about = PlayRun

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The words as they stand, with places in braces."""
        number = int((request.resolver_match.kwargs if request.resolver_match else {}).get("number", 0))
        step = get_object_or_404(subject.steps, number=number)
        edited = step.spec.get("edited") or {}
        return {"initial": {
            "subject": edited.get("subject") or actions.title_of(step),
            "text": edited.get("text") or step.spec.get("text_zh") or step.spec.get("text", ""),
        }}  # fmt: skip

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The run, with the number of the step."""
        run = super().subject(actor=actor, **route)
        run.number = route["number"]
        return run

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """For this run only."""
        actions.reword_step(run=subject, number=subject.number, by=by, at=at, **form.cleaned_data)
        return _("Saved for this customer."), page_of(subject)


class Minutes(FormPage):
    """Write down what it took."""

    name, title, permission, form = "play-minutes", gettext_lazy("Minutes spent"), "plays.do", MinutesForm
    about = PlayRun

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What was written before."""
        return {"initial": {"minutes": subject.minutes}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Beside the time of its work items."""
        actions.note_minutes(run=subject, by=by, at=at, **form.cleaned_data)
        return _("Saved."), page_of(subject)


nav_entry("play-runs", title=gettext_lazy("Runs of plays"), url="plays:runs", section="processes", permission="plays.view",
          icon="list", order=32)  # fmt: skip
