"""Charts of plays."""

from typing import Any

from django.utils.translation import gettext as _

from bihuan.act.plays.queries import DryRun
from bihuan.base.ui.charts import Chart, TimeAxis, over_time
from bihuan.understand.stats.comparison import wilson
from bihuan.understand.stats.holdout import HeldOut


def drawn_arms(found: HeldOut) -> Chart:
    """The share of accounts that reached the goal in each arm; the table has the intervals."""
    arms: list[tuple[str, tuple[int, int]]] = [(_("Treated"), found.treated)]
    if found.held[1]:
        arms.append((_("Held out"), found.held))
    shares, rows = [], []
    for name, (reached, n) in arms:
        low, high = wilson(successes=reached, n=n)
        shares.append(round(100 * reached / n, 1))
        rows.append([name, reached, n, f"{100 * reached / n:.1f} %", f"{100 * low:.1f} – {100 * high:.1f} %"])
    option: dict[str, Any] = {
        "xAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": "{value} %"}},
        "yAxis": {"type": "category", "data": [name for name, _counts in arms], "inverse": True},
        "series": [
            {
                "type": "bar",
                "data": shares,
                "label": {"show": True, "position": "right", "formatter": "{c} %"},
            }
        ],
    }
    return Chart(
        title=_("Accounts that reached the goal"), option=option, size="s", rows=rows,
        columns=[_("Arm"), _("Reached"), _("Accounts"), _("Share"), _("95 % interval (Wilson)")],
    )  # fmt: skip


def drawn_weeks(found: DryRun) -> Chart:
    """How many a week."""
    days = [day for day, _met, _held in found.weeks]
    return over_time(
        title=_("Would have been met"), first=_("Week until"), labels=[day.isoformat() for day in days], kind="bar",
        stacked=True, axis=TimeAxis.of(days),
        series=[(_("Met"), [met for _d, met, _h in found.weeks]), (_("Held out"), [held for _d, _m, held in found.weeks])],
    )  # fmt: skip
