"""What service tiers get, whether we have the people for it, and which few customers bring most."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import Chart, FormPage, nav_entry
from bihuan.foresee.tiers import actions
from bihuan.foresee.tiers.forms import CapacityForm, PolicyForm
from bihuan.foresee.tiers.models import Capacity, ServicePolicy
from bihuan.foresee.tiers.queries import USUAL_MINUTES, Shared, load_of_staff, offered, policies, shared
from bihuan.know.accounts.models import TeamRole
from bihuan.know.staff.models import Staff

SHOWN = 100
MOST_POINTS = 200


@allow("tiers.view")
def policy_page(request: HttpRequest) -> HttpResponse:
    """What each tier gets, and what that asks of each of us."""
    actor = actor_of(request)
    roles = dict(TeamRole.choices)
    rows = [(one, [str(roles[role]) for role in one.roles]) for one in policies().values()]
    loads = load_of_staff(actor)
    context = {
        "rows": rows, "loads": loads[:SHOWN], "more": max(0, len(loads) - SHOWN), "may_edit": actor.may("tiers.edit"),
        "tiers": list(policies()), "over": sum(1 for one in loads if (one.share or 0) > 1), "usual": USUAL_MINUTES,
        "asked": sum(one.minutes for one in loads), "there": sum(one.capacity for one in loads),
    }  # fmt: skip
    return render(request, "tiers/policy.html", context)


class EditPolicy(FormPage):
    """Change what a tier gets."""

    name, title, permission, form = "service-policy", gettext_lazy("Service policy"), "tiers.edit", PolicyForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The policy of the tier."""
        known = policies()
        if route["tier"] not in known:
            raise Http404
        return known[route["tier"]]

    def title_for(self, subject: Any) -> str:
        """Which tier."""
        return _("Service of tier %(tier)s") % {"tier": subject.tier}

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what counts now."""
        fields = {name: getattr(subject, name) for name in PolicyForm.Meta.fields} | {
            "roles": list(subject.roles)
        }
        return {"instance": ServicePolicy(tier=subject.tier, **fields), "initial": fields}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Let it count."""
        actions.change_policy(tier=subject.tier, by=by, at=at, **form.cleaned_data)
        return _("Saved."), reverse("tiers:policy")


class EditCapacity(FormPage):
    """Say how much time somebody has for customers."""

    name, title, permission, form = (
        "capacity",
        gettext_lazy("Minutes a week for customers"),
        "tiers.edit",
        CapacityForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """One of us."""
        return get_object_or_404(Staff, pk=route["pk"])

    def title_for(self, subject: Any) -> str:
        """Whose."""
        return _("Minutes a week for customers: %(name)s") % {"name": subject}

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what counts now."""
        known = Capacity.objects.filter(staff=subject).first()
        return {"instance": known or Capacity(staff=subject, minutes=USUAL_MINUTES)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Let it count."""
        actions.set_capacity(staff=subject, minutes=form.cleaned_data["minutes"], by=by, at=at)
        return _("Saved."), reverse("tiers:policy")


@allow("tiers.view")
def pareto_page(request: HttpRequest) -> HttpResponse:
    """Which customers bring what share, by revenue, margin or use."""
    actor = actor_of(request)
    there = offered(actor)
    by = next((one for one in there if one.name == request.GET.get("by")), there[0])
    found = shared(by, day=timezone.localdate(), actor=actor)
    context = {
        "by": by, "offered": there, "found": found.found, "rows": list(enumerate(found.rows[:SHOWN], 1)),
        "more": max(0, len(found.rows) - SHOWN), "money": by.measure in ("mrr", "margin"),
        "below": found.below[:SHOWN], "below_number": len(found.below),
        "chart": chart_of(found) if found.rows else None,
    }  # fmt: skip
    return render(request, "tiers/pareto.html", context)


def chart_of(found: Shared) -> Chart:
    """The cumulative share over the share of customers, with the line of the top fifth; long lists are thinned."""
    number = len(found.rows)
    step = max(1, number // MOST_POINTS)
    places = sorted({*range(0, number, step), found.found.top - 1, number - 1})
    points = [[0, 0]] + [
        [round(100 * (p + 1) / number, 2), round(100 * found.found.curve[p], 2)] for p in places
    ]
    option = {
        "xAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value} %"}},
        "yAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value} %"}},
        "tooltip": {"trigger": "axis"},
        "series": [{
            "name": str(found.by.title), "type": "line", "data": points, "showSymbol": False, "areaStyle": {"opacity": 0.1},
            "markLine": {"symbol": "none", "silent": True, "data": [{"xAxis": 20}]},
        }],
    }  # fmt: skip
    return Chart(
        title=_("Share of the whole"), option=option, size="m", columns=[_("% of customers"), _("% of the whole")],
        rows=points,
    )  # fmt: skip


nav_entry("pareto", title=gettext_lazy("Who brings most"), url="tiers:pareto", section="customers", permission="tiers.view",
          icon="chart-bar", order=42)  # fmt: skip
nav_entry("service_policy", title=gettext_lazy("Service by tier"), url="tiers:policy", section="customers",
          permission="tiers.view", icon="checklist", order=41)  # fmt: skip
