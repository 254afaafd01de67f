"""A product's stage in words: why it is this one, with the numbers, and the core metric of the stage."""

from dataclasses import dataclass
from math import isinf

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.understand.metrics.queries.staged import ProductStage
from bihuan.understand.metrics.rules.stages import FEW, YOUNG_DAYS


@dataclass(frozen=True, kw_only=True)
class CoreInWords:
    """The core metric of a stage: what it is called, what it means, and its value now and a quarter before."""

    title: str
    definition: str
    now: str
    before: str


def reason_of_stage(row: ProductStage) -> str:
    """Why the numbers say this stage; the override's reason is said beside it."""
    n = row.numbers
    words = {
        "age": formats.number(n.age_days or 0), "young": YOUNG_DAYS, "few": FEW, "active": formats.number(n.active),
        "before": formats.number(n.active_before), "use": _grown(n.use_growth), "revenue": _money(n.revenue),
        "revenue_before": _money(n.revenue_before), "revenue_change": _grown(n.revenue_growth),
    }  # fmt: skip
    texts = {
        "no_data": _("No event of it has arrived, so nothing can be said about its stage."),
        "young": _("Its first event is %(age)s days old; within %(young)s days a product is being introduced. %(active)s "
                   "accounts use it."),
        "few": _("%(active)s accounts use it, %(before)s a quarter ago: with fewer than %(few)s it is still looking for its "
                 "users."),
        "growing_use": _("Active accounts went from %(before)s to %(active)s within a quarter (%(use)s)."),
        "growing_revenue": _("Its revenue a month went from %(revenue_before)s to %(revenue)s within a quarter "
                             "(%(revenue_change)s), with %(active)s active accounts, %(before)s a quarter ago."),
        "shrinking_use": _("Active accounts fell from %(before)s to %(active)s within a quarter (%(use)s)."),
        "shrinking_revenue": _("Its revenue a month fell from %(revenue_before)s to %(revenue)s within a quarter "
                               "(%(revenue_change)s), and use does not grow: %(active)s active accounts, %(before)s a "
                               "quarter ago."),
        "mixed": _("Active accounts fell from %(before)s to %(active)s (%(use)s), while its revenue a month grew from "
                   "%(revenue_before)s to %(revenue)s (%(revenue_change)s): it earns more from fewer."),
        "steady": _("Within a quarter active accounts went from %(before)s to %(active)s (%(use)s): it neither grows nor "
                    "shrinks by a tenth."),
    }  # fmt: skip
    return texts[row.computed.why] % words


def core_in_words(row: ProductStage) -> CoreInWords | None:
    """Of the stage in force; None where there is none."""
    core = row.core
    if core is None:
        return None
    told = {
        "returning": (_("Accounts that stay"), _("Share of the accounts active in the 28 days before that were active again.")),
        "active": (_("Active accounts"), _("Accounts with an event of the product in 28 days.")),
        "revenue_per_account": (_("Revenue per active account"), _("Its revenue a month divided by its active accounts.")),
        "lost": (_("Accounts lost"), _("Share of the accounts active in the 28 days before that were not active again.")),
    }  # fmt: skip
    title, definition = told[core.name]
    write = {"active": formats.number, "revenue_per_account": _money}.get(core.name, _share)
    return CoreInWords(title=title, definition=definition, now=write(core.now), before=write(core.before))


def _share(value: float | None) -> str:
    return formats.percent(value, 1)


def _money(value: float | None) -> str:
    return formats.NOTHING if value is None else formats.money(round(value, 2))


def _grown(value: float | None) -> str:
    """A change as a share; from nought it has none."""
    if value is None:
        return formats.NOTHING
    if isinf(value):
        return _("from nought")
    return f"{'+' if value > 0 else ''}{formats.percent(value, 1)}"
