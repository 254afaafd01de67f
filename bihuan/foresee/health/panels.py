"""Health on the account page: the score, its history, and every measure with what it costs."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import actor_of
from bihuan.base.measures import measures
from bihuan.base.ui import Chart, Panel, register_panel
from bihuan.foresee.health.models import BandName
from bihuan.foresee.health.queries import current_health, history_of, lines_of, written


@register_panel
class HealthPanel(Panel):
    """How the account fares, and why."""

    name = "health"
    title = gettext_lazy("Health")
    permission = "health.view"
    area = "main"
    size = "l"
    order = 10

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Unknown says why and what to do."""
        actor = actor_of(request)
        health = current_health(account_ids=[subject.pk]).get(subject.pk)
        context: dict[str, Any] = {"account": subject, "health": health, "may_override": actor.may("health.override"),
                                   "may_edit": actor.may("health.edit")}  # fmt: skip
        if health is not None:
            since = timezone.localdate() - timedelta(days=370)
            history = history_of(account_id=subject.pk, since=since)
            known = measures()
            context |= {
                "band": BandName(health.band).label,
                "lines": [
                    (known.get(line.measure), line, "–" if line.value is None or line.measure not in known
                     else written(known[line.measure].kind, line.value))
                    for line in lines_of(health)
                ],
                "chart": chart_of(history) if len(history) > 1 else None,
            }  # fmt: skip
        return render_to_string("health/panel.html", context, request=request)


def chart_of(history: list[tuple[Any, float | None, str, int]]) -> Chart:
    """The score over time; unknown days are gaps, a new model version is marked."""
    changes = [
        day
        for (day, _s, _b, version), before in zip(history[1:], history, strict=False)
        if before[3] != version
    ]
    points = [[day.isoformat(), score] for day, score, _band, _version in history]
    option = {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "min": 0, "max": 100},
        "tooltip": {"trigger": "axis"},
        "series": [{"name": _("Health"), "type": "line", "data": points, "showSymbol": False, "connectNulls": False,
                    "markLine": {"symbol": "none", "silent": True, "data": [{"xAxis": d.isoformat()} for d in changes]}}],
    }  # fmt: skip
    rows = [
        [day.isoformat(), score, str(BandName(band).label), f"v{version}"]
        for day, score, band, version in history
    ]
    return Chart(title=_("Health over time"), option=option, rows=rows, size="s",
                 columns=[_("Day"), _("Health"), _("Band"), _("Model")])  # fmt: skip
