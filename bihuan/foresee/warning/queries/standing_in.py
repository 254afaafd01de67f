"""Who needs help by health alone, where the early warning finds too little signal."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.foresee.health.queries import COLOURS, SHAPES, current_health
from bihuan.foresee.warning.queries.risks import risk_of
from bihuan.know.accounts.models import Account

SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """An account with a low health; `reasons` in the reader's language."""

    account: Account
    health: float
    band: str
    shape: str
    colour: str
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        """The band in words."""
        return {"red": _("Endangered"), "amber": _("Watch"), "green": _("Healthy")}.get(
            self.band, _("Unknown")
        )


def lowest_health(*, actor: Actor, most: int = SHOWN) -> list[StandIn]:
    """The accounts of the territory with the lowest known health, the lowest first; customers that are lost are left out."""
    scores = {pk: one.score for pk, one in current_health().items() if one.score is not None}
    names = {row.pk: row for row in Account.objects.visible_to(actor).exclude(stage="lost")}
    order = sorted((score, pk) for pk, score in scores.items() if pk in names)[:most]
    told = risk_of([pk for _score, pk in order])
    return [
        StandIn(account=names[pk], health=score, band=told[pk].band, shape=SHAPES[told[pk].band],
                colour=COLOURS[told[pk].band], reasons=told[pk].reasons)
        for score, pk in order if pk in told and told[pk].source == "health"
    ]  # fmt: skip
