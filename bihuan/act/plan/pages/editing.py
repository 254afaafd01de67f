"""Solving, changing, publishing and taking back a week; what the planner is told."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bihuan.act.plan import actions
from bihuan.act.plan.forms import AddForm, ConfirmForm, PersonForm, SettingsForm
from bihuan.act.plan.models import PlanLine, WeekPlan
from bihuan.act.plan.pages.shared import address, monday_from, needs_the_whole, plan_or_404
from bihuan.act.plan.queries import settings_of_plan
from bihuan.act.plays.queries import candidates
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import FormPage, Undo, done, refusals_at, undoable
from bihuan.base.ui.formats import listed, money
from bihuan.know.accounts.models import Account

MOST_OFFERS = 500


@allow("plan.edit")
@require_POST
def solve(request: HttpRequest, monday: str) -> HttpResponse:
    """Ask for the plan; the page follows the job."""
    actor, day = actor_of(request), monday_from(monday)
    needs_the_whole(actor)
    with refusals_at(address(day)):
        actions.ask_for_a_plan(monday=day, by=actor, at=timezone.now())
    return done(request, _("The week is being solved."), to=address(day))


def _line(request: HttpRequest, pk: int) -> PlanLine:
    rows = PlanLine.objects.visible_to(actor_of(request)).select_related("plan", "account")
    return get_object_or_404(rows, pk=pk)


@allow("plan.edit")
@require_POST
def lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock it, or unlock it when it is locked."""
    line = _line(request, pk)
    to = address(line.plan.monday, request.POST.get("view", ""))
    with refusals_at(to):
        found = actions.lock_line(line=line, locked=not line.locked, by=actor_of(request), at=timezone.now())
    return done(request, _("Locked.") if found.locked else _("Left to the planner."), to=to)


@allow("plan.edit")
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Not this week; the toast takes it back."""
    line = _line(request, pk)
    to = address(line.plan.monday, request.POST.get("view", ""))
    with refusals_at(to):
        actions.drop_line(line=line, by=actor_of(request), at=timezone.now())
    text = _("%(line)s is not planned this week.") % {"line": line}
    return done(request, text, to=to, undo=Undo(name="plan.restore", args={"pk": line.pk}))


@allow("plan.edit")
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a dropped line again."""
    line = _line(request, pk)
    to = address(line.plan.monday, "left")
    with refusals_at(to):
        actions.restore_line(line=line, by=actor_of(request), at=timezone.now())
    return done(request, _("It is planned again."), to=to)


@allow("plan.view")
@require_POST
def lay(request: HttpRequest) -> HttpResponse:
    """A line was moved to another day: `item` and `to`, as the board sends them."""
    number, actor = request.POST.get("item", ""), actor_of(request)
    line = _line(request, int(number) if number.isdecimal() and len(number) < 19 else 0)
    to = address(line.plan.monday)
    try:
        day = date.fromisoformat(request.POST.get("to", ""))
    except ValueError:
        return done(request, _("Name a day of the week, such as 2026-11-30."), to=to, kind="error")
    with refusals_at(to):
        found = actions.lay_line(line=line, day=day, by=actor, at=timezone.now())
    text = _("%(line)s is done on %(day)s.") % {"line": line, "day": date_format(day, "l")}
    undo = Undo(name="plan.lay", args={"pk": found.pk, "day": line.day.isoformat()}) if line.day else None
    return done(request, text, to=to, undo=undo)


@undoable("plan.lay", permission="plan.view")
def lay_back(*, by: Actor, at: datetime, pk: int, day: str) -> str:
    """To the day before it was moved."""
    line = PlanLine.objects.visible_to(by).filter(pk=pk).first()
    if line is not None:
        actions.lay_line(line=line, day=date.fromisoformat(day), by=by, at=at)
    return _("It is back on its day.")


@undoable("plan.restore", permission="plan.edit")
def restore_again(*, by: Actor, at: datetime, pk: int) -> str:
    """Take a drop back."""
    line = PlanLine.objects.visible_to(by).filter(pk=pk).first()
    if line is not None:
        actions.restore_line(line=line, by=by, at=at)
    return _("It is planned again.")


class MoveLine(FormPage):
    """Let somebody else do it."""

    name, title, permission, form = (
        "plan-line",
        gettext_lazy("Give it to somebody else"),
        "plan.edit",
        PersonForm,
    )
    submit = gettext_lazy("Give")
    about = PlanLine

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from whoever has it."""
        return {"initial": {"person": subject.person_id}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Move and lock it."""
        actions.move_line(line=subject, person=form.cleaned_data["person"], by=by, at=at)
        return _("%(name)s does it now.") % {"name": form.cleaned_data["person"]}, address(
            subject.plan.monday
        )


class _OfWeek(FormPage):
    """A form about a week, for those who see every account."""

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """Its plan."""
        needs_the_whole(actor)
        return plan_or_404(route["monday"])


class AddLine(_OfWeek):
    """Choose a play for an account, and who does it."""

    name, title, permission, form = "plan-add", gettext_lazy("Add to the plan"), "plan.edit", AddForm
    submit = gettext_lazy("Add")

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What is open, the worthiest first; one that the address names always."""
        planned = set(subject.lines.planned().values_list("account_id", flat=True))
        wish = request.GET.get("offer", "")
        found = [one for one in candidates(at=timezone.now()) if one.account_id not in planned]
        found.sort(
            key=lambda one: (f"{one.account_id}:{one.play_id}" != wish, -float(one.effect) * float(one.value))
        )
        found = found[:MOST_OFFERS]
        names = dict(
            Account.objects.filter(pk__in={one.account_id for one in found}).values_list("pk", "name")
        )
        choices = [
            (f"{one.account_id}:{one.play_id}",
             f"{names[one.account_id]} · {one.play_title} · {money(float(one.effect) * float(one.value), short=True)}")
            for one in found
        ]  # fmt: skip
        owner = next(
            (
                one.owner_ids[0]
                for one in found
                if f"{one.account_id}:{one.play_id}" == wish and one.owner_ids
            ),
            None,
        )
        return {"offers": choices, "initial": {"offer": wish, "person": owner}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Add and lock it."""
        account, play = (int(part) for part in form.cleaned_data["offer"].split(":"))
        line = actions.add_line(
            plan=subject, account=get_object_or_404(Account.objects.visible_to(by), pk=account), play_id=play,
            person=form.cleaned_data["person"], by=by, at=at,
        )  # fmt: skip
        return _("%(line)s is planned.") % {"line": line}, address(subject.monday)


class Publish(_OfWeek):
    """Say what will happen, then do it."""

    name, title, permission, form = "plan-publish", gettext_lazy("Publish the week"), "plan.edit", ConfirmForm
    submit = gettext_lazy("Publish")
    template = "plan/publish.html"

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str, Undo]:
        """Every line becomes work."""
        number, refused = actions.publish_week(plan=subject, by=by, at=at)
        text = ngettext("%(n)d play is on a bench now.", "%(n)d plays are on the benches now.", number) % {
            "n": number
        }
        if refused:
            names = listed(str(line) for line in refused[:5])
            text += " " + _("Not proposed, because the play is not for the account any more: %(names)s.") % {
                "names": names
            }
        return text, address(subject.monday), Undo(name="plan.take_back", args={"pk": subject.pk})


@allow("plan.edit")
@require_POST
def take_back(request: HttpRequest, monday: str) -> HttpResponse:
    """Make it a draft again."""
    plan = plan_or_404(monday)
    needs_the_whole(actor_of(request))
    with refusals_at(address(plan.monday)):
        actions.take_back(plan=plan, by=actor_of(request), at=timezone.now())
    return done(request, _("The week is a draft again."), to=address(plan.monday))


@undoable("plan.take_back", permission="plan.edit")
def take_back_again(*, by: Actor, at: datetime, pk: int) -> str:
    """Unless somebody has begun, which the sentence says."""
    plan = WeekPlan.objects.filter(pk=pk).first()
    if plan is None:
        return _("There is nothing to take back.")
    try:
        actions.take_back(plan=plan, by=by, at=at)
    except ValidationError as error:
        return " ".join(error.messages)
    return _("The week is a draft again.")


class EditSettings(FormPage):
    """What the planner is told."""

    name, title, permission, form = (
        "plan-settings",
        gettext_lazy("Settings of the weekly plan"),
        "plan.edit",
        SettingsForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """For those who see every account."""
        needs_the_whole(actor)
        return settings_of_plan()

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what counts now."""
        return {"instance": settings_of_plan()}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """From the next plan on."""
        actions.change_settings(by=by, at=at, **form.cleaned_data)
        return _("Saved. It counts from the next time that a week is solved."), "/plan/"
