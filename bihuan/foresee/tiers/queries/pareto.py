"""Which few accounts bring most: by revenue, margin or use."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.measures import Text, measure, measures
from bihuan.foresee.tiers.rules import Pareto, pareto
from bihuan.know.accounts.models import Account
from bihuan.understand.metrics.queries import values_as_of


@dataclass(frozen=True, kw_only=True)
class By:
    """What is shared out: a measure, how it is called here, and the permission that its numbers need."""

    name: str
    title: Text
    measure: str
    permission: str = ""

    @property
    def definition(self) -> Text:
        """What the measure says of itself."""
        return measure(self.measure).definition


BY = (
    By(name="revenue", title=_("Revenue"), measure="mrr", permission="contracts.view"),
    By(name="margin", title=_("Margin"), measure="margin", permission="contracts.view"),
    By(name="usage", title=_("Active people"), measure="active_people"),
)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """The shares and the accounts with a value, the highest first, as (id, name, tier, value, cumulative share). `below`: the
    accounts whose value lies below 0, which no curve holds, the lowest first, as (id, name, tier, value)."""

    by: By
    found: Pareto
    rows: list[tuple[int, str, str, float, float]]
    below: list[tuple[int, str, str, float]]


def offered(actor: Actor) -> list[By]:
    """Those whose measure there is, and whose numbers the actor may see."""
    known = measures()
    return [one for one in BY if one.measure in known and (not one.permission or actor.may(one.permission))]


def shared(by: By, *, day: date, actor: Actor) -> Shared:
    """Of the customers of the actor's territory, as of the end of the day."""
    named = {row[0]: row[1:] for row in Account.objects.visible_to(actor).values_list("pk", "name", "tier")}
    values = values_as_of(day=day, names=[by.measure], account_ids=list(named))
    column = values.by_measure[by.measure].tolist()
    known = list(zip(values.account_ids.tolist(), column, strict=True))
    found = [(pk, value) for pk, value in known if value > 0]
    found.sort(key=lambda one: (-one[1], one[0]))
    curve = pareto([value for _pk, value in found])
    rows = [(pk, *named[pk], value, part) for (pk, value), part in zip(found, curve.curve, strict=True)]
    below = sorted(((pk, value) for pk, value in known if value < 0), key=lambda one: (one[1], one[0]))
    return Shared(by=by, found=curve, rows=rows, below=[(pk, *named[pk], value) for pk, value in below])
