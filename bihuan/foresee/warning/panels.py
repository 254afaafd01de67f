"""The risk on the account page: how high, why, and what would change it."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel
from bihuan.foresee.warning.models import Band
from bihuan.foresee.warning.queries import risk_of, verdict, verdict_in_words


@register_panel
class RiskPanel(Panel):
    """The risk of an account; where there is too little signal it says so and points to its health."""

    name = "risk"
    title = gettext_lazy("Early warning")
    permission = "warning.view"
    area = "side"
    size = "m"
    order = 12

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """Never a number that cannot be believed."""
        now = verdict()
        one = risk_of([subject.pk]).get(subject.pk)
        context = {
            "now": now, "said": verdict_in_words(now.model), "one": one,
            "band": Band(one.band).label if one and now.usable and one.band else "",
            "band_kind": {"list": "bad", "next": "warn"}.get(one.band, "") if one else "",
            "horizon": now.model.horizon if now.model else None, "may_manage": actor_of(request).may("warning.manage"),
        }  # fmt: skip
        return render_to_string("warning/panel.html", context, request=request)
