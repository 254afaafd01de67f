"""The library of plays, one play with its outcomes, its form, its dry run."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.act.plays import actions
from bihuan.act.plays.forms import CHANNELS, KINDS, PlayForm, ProposeForm
from bihuan.act.plays.models import Aim, Arm, Play, Status
from bihuan.act.plays.pages.drawing import drawn_arms, drawn_weeks
from bihuan.act.plays.pages.wording import audience_said, goal_said, trigger_said
from bihuan.act.plays.queries import (
    NotTold,
    dry_run,
    fired,
    matched_of,
    outcome_of,
    outcomes,
    so_far,
)
from bihuan.act.plays.rules import DefinitionError, arm_of, read_steps
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.access.policy import Role
from bihuan.base.ui import FormPage, done, formats, nav_entry, refusals_at
from bihuan.know.accounts.models import Account

STATUS_KINDS = {Status.ON: "ok", Status.OFF: "off", Status.PAUSED: "bad"}
BASES = {
    "measured": gettext_lazy("Measured"), "pooled": gettext_lazy("Pooled"), "assumed": gettext_lazy("Assumed"),
}  # fmt: skip
SHOWN = 20


def page_of(play: Play) -> str:
    """The address of a play."""
    return reverse("plays:play", args=[play.key])


def line_of(outcome: Any) -> dict[str, Any]:
    """A play as the library shows it."""
    play, effect = outcome.play, outcome.effect
    half = 1.96 * effect.pooled.error
    return {
        "play": play, "outcome": outcome, "trigger": trigger_said(play), "status_kind": STATUS_KINDS[Status(play.status)],
        "effect": points(effect.pooled.value), "low": points(effect.pooled.value - half),
        "high": points(effect.pooled.value + half), "basis": BASES[effect.basis],
    }  # fmt: skip


def points(value: float) -> str:
    """0.083 as +8.3."""
    return f"{value * 100:+.1f}".replace("-", "−")


@allow("plays.view")
def library(request: HttpRequest) -> HttpResponse:
    """Every play with its reach and effect."""
    now, actor = timezone.now(), actor_of(request)
    actions.ensure_plays(at=now)
    rows = [line_of(one) for one in outcomes(at=now)]
    rows.sort(key=lambda row: (row["play"].status != Status.ON, row["play"].key))
    return render(request, "plays/library.html", {"rows": rows, "may_edit": actor.may("plays.edit")})


@allow("plays.edit")
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Whom plays are for, and whether goals are reached, without waiting for the hour."""
    found = actions.look_now(by=actor_of(request), at=timezone.now())
    text = _("%(opened)s plays opened, %(held)s of them held out; %(reached)s goals reached.") % found
    if found["failed"]:
        text += " " + _("%(n)s plays could not be computed; see their pages.") % {"n": found["failed"]}
    return done(request, text, to=reverse("plays:library"))


def _play(key: str) -> Play:
    actions.ensure_plays(at=timezone.now())
    found: Play = get_object_or_404(Play, key=key)
    return found


@allow("plays.view")
def play_page(request: HttpRequest, key: str) -> HttpResponse:
    """What it does, and what it was good for."""
    now, actor, play = timezone.now(), actor_of(request), _play(key)
    outcome = outcome_of(play, at=now)
    measured = outcome.effect.measured
    both = bool(measured.treated[1] and measured.held[1])
    compared = matched_of(play, at=now) if not measured.held[1] else None
    seen = so_far(play, at=now)
    context = line_of(outcome) | {
        "so_far": seen.get(Arm.TREATED), "so_far_held": seen.get(Arm.HELD),
        "steps": _steps_in_words(play), "goal": goal_said(play), "audience": audience_said(play), "measured": measured,
        "both": both,
        "difference": points(measured.difference) if both else "", "difference_low": points(measured.low) if both else "",
        "difference_high": points(measured.high) if both else "",
        "own": outcome.effect.pooled.own, "matched": compared,
        "matched_points": (points(compared.difference), points(compared.low), points(compared.high)) if compared else None,
        "chart": drawn_arms(measured) if measured.treated[1] else None, "may_edit": actor.may("plays.edit"),
        "may_do": actor.may("plays.do"), "money": actor.may("contracts.view"), "per_hour": outcome.per_hour,
        "keeps": play.aim == Aim.KEEP,
        "assumed": points(float(play.assumed_effect)), "minutes": _minutes_in_words(play), "is_on": play.status == Status.ON,
        "runs_url": f"{reverse('plays:runs')}?play={play.pk}", "removable": not play.shipped and not outcome.runs,
    }  # fmt: skip
    return render(request, "plays/play.html", context)


def _steps_in_words(play: Play) -> list[dict[str, Any]]:
    try:
        steps = read_steps(play.steps)
    except DefinitionError as error:
        return [{"kind": "", "title": str(error), "after": 0, "text": ""}]
    chinese = play.said_name == play.name_zh
    return [
        {
            "kind": KINDS[one.kind], "title": (one.title_zh if chinese else "") or one.title, "after": one.after,
            "text": (one.text_zh if chinese else "") or one.text, "channel": CHANNELS.get(one.channel, ""),
        }
        for one in steps
    ]  # fmt: skip


def _minutes_in_words(play: Play) -> str:
    from bihuan.act.processes.roles import role_title

    return formats.listed(f"{role_title(Role(role))} {minutes}" for role, minutes in play.minutes.items())


@allow("plays.view")
def dry(request: HttpRequest, key: str) -> HttpResponse:
    """Whom it would have met in the last twelve weeks, within the reader's territory."""
    play, actor = _play(key), actor_of(request)
    try:
        found = dry_run(play, day=timezone.localdate(), actor=actor)
    except NotTold as error:
        return render(request, "plays/dry.html", {"error": str(error)})
    often = list(found.accounts[:SHOWN])
    names = Account.objects.visible_to(actor).in_bulk([account for account, _times in often])
    rows = [(names[account], times) for account, times in often if account in names]
    context = {
        "found": found,
        "rows": rows,
        "chart": drawn_weeks(found),
        "manual": play.trigger.get("kind") == "manual",
    }
    return render(request, "plays/dry.html", context)


@allow("plays.edit")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Whom the play in the form would meet today, within the reader's territory; nothing is saved."""
    form, actor = PlayForm(request.POST), actor_of(request)
    form.is_valid()
    told = form.cleaned_data
    play = Play(
        key=told.get("key") or request.POST.get("known_key", "")[:40], trigger=told["trigger"], goal=told["goal"],
        audience=told.get("audience", ""), hold_out=told.get("hold_out") or 0,
    )  # fmt: skip
    if play.trigger["kind"] == "manual":
        return render(request, "plays/preview.html", {"manual": True})
    try:
        found = [one.account_id for one in fired(play, day=timezone.localdate(), actor=actor)]
    except NotTold as error:
        return render(request, "plays/preview.html", {"error": str(error)})
    held = {one for one in found if arm_of(play=play.key, account_id=one, hold_out=play.hold_out) == Arm.HELD}
    names = Account.objects.visible_to(actor).filter(pk__in=found[:SHOWN]).order_by("name")
    context = {
        "number": len(found), "held": len(held), "rows": [(one, one.pk in held) for one in names],
        "more": max(0, len(found) - SHOWN),
    }  # fmt: skip
    return render(request, "plays/preview.html", context)


class NewPlay(FormPage):
    """Describe a play."""

    name, title, permission, form = "play", gettext_lazy("New play"), "plays.edit", PlayForm
    template = "plays/form.html"

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Off, until somebody switches it on."""
        fields = {name: form.cleaned_data[name] for name in ("key", *actions.CHANGEABLE)}
        return _("Saved. Switch it on when it is right."), page_of(actions.add_play(by=by, at=at, **fields))


class EditPlay(FormPage):
    """Change a play."""

    name, title, permission, form = "play", gettext_lazy("Change the play"), "plays.edit", PlayForm
    template = "plays/form.html"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """By key."""
        return _play(route["key"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"instance": Play.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Change what differs; open runs go on as they began."""
        fields = {name: form.cleaned_data[name] for name in actions.CHANGEABLE}
        return _("Saved."), page_of(actions.change_play(play=subject, by=by, at=at, **fields))


@allow("plays.edit")
@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """On becomes off, everything else on."""
    play = _play(key)
    row = actions.switch_play(play=play, on=play.status != Status.ON, by=actor_of(request), at=timezone.now())
    return done(
        request, _("Switched on.") if row.status == Status.ON else _("Switched off."), to=page_of(row)
    )


@allow("plays.edit")
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """One that never met anybody."""
    play = _play(key)
    with refusals_at(page_of(play)):
        actions.remove_play(play=play, by=actor_of(request), at=timezone.now())
    return done(request, _("Play removed."), to=reverse("plays:library"))


class Propose(FormPage):
    """Start a play by hand for an account of the territory."""

    name, title, permission, form = "propose", gettext_lazy("Propose for an account"), "plays.do", ProposeForm
    submit = gettext_lazy("Propose")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The play."""
        return _play(route["key"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Accounts of the territory."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """On the bench of whoever was named; the same account is proposed once a day. Whoever was told what speaks against it
        may go on, if they may change plays."""
        account, assignee = form.cleaned_data["account"], form.cleaned_data["assignee"]
        try:
            run = actions.propose_play(
                play_id=subject.pk, account_id=account.pk, assignee_id=assignee.pk if assignee else None, by=by, at=at,
                origin=f"manual:{timezone.localdate(at)}", despite=form.known,
            )  # fmt: skip
        except actions.SpeaksAgainst as error:
            if by.may("plays.edit"):
                form.tell(error.codes)
            raise
        return _("Proposed."), reverse("plays:run", args=[run.pk])


nav_entry("plays", title=gettext_lazy("Plays"), url="plays:library", section="processes", permission="plays.view",
          icon="target", order=30)  # fmt: skip
