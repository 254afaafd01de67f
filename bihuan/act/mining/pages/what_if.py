"""What if a step had one more person, or more came in, or it took less time."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bihuan.act.bpmn.diagram import HUMAN
from bihuan.act.mining.forms import WhatIfForm
from bihuan.act.mining.pages.shared import filled, process_of, put, tabs
from bihuan.act.mining.queries import Study, diagram_of, simulated, studied, version_of
from bihuan.act.mining.rules.simulating import Change, Tried
from bihuan.act.mining.said import span, step_name
from bihuan.act.processes.roles import role_title
from bihuan.base.access import actor_of, allow

#: A model that is further off than this from what was measured does not describe the step.
OFF = 2.0
#: Fewer ended cases than this say little about those to come.
FEW = 30


@allow("mining.view")
def what_if_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Today beside what would be; nothing is computed before a step is chosen."""
    process, actor = process_of(pk), actor_of(request)
    diagram = diagram_of(version_of(process, None))
    steps = [(node.id, step_name(diagram, node.id)) for node in diagram.nodes.values() if node.kind in HUMAN]
    form = WhatIfForm(
        filled(request, {"people": 1, "arrivals": 100, "work": 100}), process=process, steps=steps
    )
    context: dict[str, Any] = {"process": process, "tabs": tabs(process, "what_if"), "form": form}
    if form.is_valid() and form.cleaned_data["step"]:
        data = form.cleaned_data
        change = Change(
            step=data["step"], people=data["people"] or 0, arrivals=(data["arrivals"] or 100) / 100,
            work=(data["work"] or 100) / 100,
        )  # fmt: skip
        try:
            study = studied(process, form.wanted, actor=actor, at=timezone.now())
            found = simulated(study, change)
        except ValidationError as error:
            put(form, error)
        else:
            context |= _shown(study, found, change)
    return render(request, "mining/what_if.html", context, status=422 if form.errors else 200)


def _shown(study: Study, found: Tried, change: Change) -> dict[str, Any]:
    rows = []
    for step, (p50, p90) in found.today.waiting.items():
        then50, then90 = found.then.waiting[step]
        figure = study.steps.get(step)
        measured = figure.waiting.p50 if figure else None
        rows.append({
            "name": step_name(study.diagram, step), "chosen": step == change.step, "measured": span(measured),
            "today": span(p50), "today90": span(p90), "then": span(then50), "then90": span(then90),
            "off": is_off(measured, p50),
        })  # fmt: skip
    busy = [
        {"name": pool_name(study, int(name)), "today": today, "then": found.then.busy[name]}
        for name, today in found.today.busy.items()
    ]
    off = any(row["off"] for row in rows if row["chosen"])
    return {
        "study": study, "tried": found, "rows": rows, "busy": busy, "off": off, "step": step_name(study.diagram, change.step),
        "ended": study.whole.ended, "few": study.whole.ended < FEW,
        "saved": span(abs(found.saved)), "low": signed_span(found.low), "high": signed_span(found.high),
        "least": span(-found.high), "most": span(-found.low), "better": found.low > 0, "worse": found.high < 0,
        "whole": [span(one) for one in (*found.today.whole, *found.then.whole)],
    }  # fmt: skip


def pool_name(study: Study, pool: int) -> str:
    """The role, or the step whose people they are."""
    roles = study.mined.roles if study.mined else ()
    if pool < len(roles):
        return role_title(roles[pool])
    return step_name(study.diagram, study.log.activities[pool - len(roles)])


def signed_span(seconds: float) -> str:
    """A span with its sign."""
    return f"−{span(-seconds)}" if seconds < 0 else span(seconds)


def is_off(measured: float | None, modelled: float) -> bool:
    """Whether the model waits less than half, or more than twice as long as was measured, and by more than half an hour."""
    if measured is None or abs(measured - modelled) < 1_800:
        return False
    return modelled < measured / OFF or modelled > measured * OFF
