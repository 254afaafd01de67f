"""The tier on the page of an account: why it is in it, what service that means, what people hold of it, its moves."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel
from bihuan.foresee.tiers.models import Judgement
from bihuan.foresee.tiers.queries import exception_of, history_of, policy_of, scores_of
from bihuan.know.accounts.models import TeamRole

MOVES = 5


@register_panel
class TierPanel(Panel):
    """How much of our service the account gets, and why."""

    name = "tier"
    title = gettext_lazy("Tier")
    permission = "tiers.view"
    area = "side"
    size = "s"
    order = 60

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """An account without a tier gets what the lowest gets, and it says so."""
        actor, today = actor_of(request), timezone.localdate()
        policy = policy_of(subject.tier)
        held, roles = scores_of(account_id=subject.pk, on=today), dict(TeamRole.choices)
        context = {
            "account": subject, "policy": policy, "roles": [str(roles[role]) for role in policy.roles],
            "missing": [
                str(roles[role]) for role in policy.roles
                if role not in set(subject.team.values_list("role", flat=True))
            ],
            "exception": exception_of(account_id=subject.pk, on=today),
            "scores": [(label, held.get(what)) for what, label in Judgement.choices],
            "moves": history_of(account_id=subject.pk, most=MOVES),
            "may_score": actor.may("tiers.score"), "may_override": actor.may("tiers.override"),
        }  # fmt: skip
        return render_to_string("tiers/panel.html", context, request=request)
