"""What the hours cost that we spend on an account, as far as they were recorded."""

from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bihuan.base.measures import Measure, Tables, register_measure

#: Three months, so that a month with a training in it does not stand for all.
WINDOW_DAYS, MONTHS = 90, 3


def hours_cost(tables: Tables) -> str:
    """A month's share of what the last 90 days cost: the effort of work items that were done and
    minutes written down on runs of plays, at the cost of an hour that the installation names."""
    items = tables.records("work_workitem", "account_id", "state", "done_at", "effort_seconds")
    runs = tables.records("plays_playrun", "account_id", "opened_at", "minutes")
    rate = Decimal(settings.HOUR_COSTS) / MONTHS
    cutoff = tables.cutoff

    def lately(column: str) -> str:
        return f"{column} < {cutoff} AND {column} >= {cutoff} - INTERVAL {WINDOW_DAYS} DAY"

    return (
        f"SELECT account_id, sum(hours) * {rate} AS value FROM ("
        f"SELECT account_id, effort_seconds / 3600.0 AS hours FROM {items}"
        f" WHERE account_id IS NOT NULL AND state = 'done' AND effort_seconds > 0 AND {lately('done_at')} UNION ALL "
        f"SELECT account_id, minutes / 60.0 AS hours FROM {runs} WHERE minutes > 0 AND {lately('opened_at')}"
        ") GROUP BY account_id"
    )


register_measure(Measure(
    name="hours_cost", title=_("Cost of our hours a month"), higher_is_better=False, sql=hours_cost, kind="money",
    definition=_(
        "Effort of work items done and minutes written down on plays in the last 90 days, at the cost of an hour, a month."
    ),
))  # fmt: skip
