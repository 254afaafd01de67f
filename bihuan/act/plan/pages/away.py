"""What changes if somebody is away: asked for, solved by a job, shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.act.plan import actions
from bihuan.act.plan.forms import PersonForm
from bihuan.act.plan.models import WeekPlan
from bihuan.act.plan.pages.shared import address, needs_the_whole, plan_or_404
from bihuan.act.plan.queries import job_without
from bihuan.act.plays.queries import titles
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.jobs.models import Job
from bihuan.base.ui import done
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff


@allow("plan.edit")
@require_POST
def ask(request: HttpRequest, monday: str) -> HttpResponse:
    """Let a job solve the week without somebody; the page follows it."""
    actor, plan = actor_of(request), plan_or_404(monday)
    needs_the_whole(actor)
    form = PersonForm(request.POST)
    to = address(plan.monday, "away")
    if not form.is_valid():
        return done(request, _("Choose who is away."), to=to, kind="error")
    job = actions.ask_without(
        plan=plan, person_id=form.cleaned_data["person"].pk, by=actor, at=timezone.now()
    )
    return redirect(f"{to}&job={job.pk}")


def waits_still(job: Job) -> bool:
    """Whether it is not over."""
    return job.state in (Job.State.QUEUED, Job.State.RUNNING)


def shown(request: HttpRequest, plan: WeekPlan, *, actor: Actor) -> dict[str, Any]:
    """The form, and what the job that the address names found so far."""
    needs_the_whole(actor)
    job = job_without(request.GET.get("job", ""), plan=plan)
    if job is None:
        return {"form": PersonForm()}
    who = Staff.objects.filter(pk=job.args.get("person_id")).first()
    form = PersonForm(initial={"person": who})
    context: dict[str, Any] = {"form": form, "away_job": job, "away_waits": waits_still(job), "who": who}
    found = job.result or {}
    if "lost" not in found:
        return context | {"refused": found.get("refused", "")}
    moved = [(one, other) for one, other in found["moved_lines"]]
    everything = [*found["gone_lines"], *found["come_lines"], *(one for pair in moved for one in pair)]
    accounts = dict(
        Account.objects.visible_to(actor)
        .filter(pk__in={one["account"] for one in everything})
        .values_list("pk", "name")
    )
    people = dict(
        Staff.objects.filter(
            pk__in={part["person"] for one in everything for part in one["parts"]}
        ).values_list("pk", "name")
    )
    known = titles({one["play"] for one in everything})

    def said(one: dict[str, Any]) -> dict[str, Any]:
        who_does = [people.get(part["person"], "") for part in one["parts"]]
        return {"name": accounts.get(one["account"], ""), "account": one["account"], "play": known.get(one["play"], ""),
                "people": who_does, "worth": one["worth"]}  # fmt: skip

    return context | {
        "found": found, "gone": [said(one) for one in found["gone_lines"]], "come": [said(one) for one in found["come_lines"]],
        "moved": [(said(one), said(other)) for one, other in moved],
    }  # fmt: skip
