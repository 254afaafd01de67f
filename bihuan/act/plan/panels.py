"""The weekly plan on the workbench."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.act.plan.models import PlanState
from bihuan.act.plan.queries import lines_of, monday_of, plan_of
from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel

SHOWN = 5


@register_panel
class MyPlanPanel(Panel):
    """What this week's plan asks of the reader."""

    name = "my-plan"
    title = gettext_lazy("My plan this week")
    permission = "plan.view"
    slot = "workbench"
    area = "main"
    size = "m"
    order = 5

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Their lines of the published plan, the worthiest first; a draft is shown to who may edit it by number only."""
        actor = actor_of(request)
        plan = plan_of(monday_of(timezone.localdate()))
        lines = lines_of(plan, actor=actor) if plan is not None else []
        mine = [
            (line, part) for line in lines for part in line.parts.all() if part.person_id == actor.user_id
        ]
        published = plan is not None and plan.state == PlanState.PUBLISHED
        told = plan.figures.get("people", {}).get(str(actor.user_id), {}) if plan is not None else {}
        context = {
            "plan": plan, "published": published, "mine": mine[:SHOWN] if published else [], "number": len(mine),
            "minutes": sum(part.minutes for _line, part in mine), "there": told.get("minutes", 0), "all": len(lines),
            "worth": sum(line.worth for line, _part in mine), "may_edit": actor.may("plan.edit"),
        }  # fmt: skip
        return render_to_string("plan/panel.html", context, request=request)
