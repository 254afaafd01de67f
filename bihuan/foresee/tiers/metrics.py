"""Measures of what people hold of accounts, as of the day."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from bihuan.base.history import History, register_history
from bihuan.base.measures import Measure, Tables, register_measure

COLUMNS = ("account_id", "what", "value", "from_day")
SCORES = register_history(History(
    table="tiers_accountscore", begins="from_day", fixed=("account_id", "what"), changed=("value",), row="score_id",
    facts=("account_scores_imported",),
))  # fmt: skip


def _latest(what: str) -> Callable[[Tables], str]:
    def sql(tables: Tables) -> str:
        """The newest judgement not after the day."""
        return (
            f"SELECT account_id, arg_max(value, from_day) AS value FROM {tables.records('tiers_accountscore', *COLUMNS)}"
            f" WHERE what = '{what}' AND from_day <= DATE '{tables.day}' GROUP BY account_id"
        )

    return sql


register_measure(Measure(
    name="potential", title=_("Potential"), higher_is_better=True, sql=_latest("potential"), kind="score",
    definition=_("How much more the customer could buy, 0 to 100, as judged by that day."),
))  # fmt: skip
register_measure(Measure(
    name="strategy_fit", title=_("Strategy fit"), higher_is_better=True, sql=_latest("strategy_fit"), kind="score",
    definition=_("How well the customer fits our strategy, 0 to 100, as judged by that day."),
))  # fmt: skip
register_measure(Measure(
    name="brand", title=_("Brand"), higher_is_better=True, sql=_latest("brand"), kind="score",
    definition=_("How much the customer's name is worth to ours, 0 to 100, as judged by that day."),
))  # fmt: skip
