"""The risk of an account, as it was said by the day."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.measures import Measure, Tables, register_measure

LOOK_BACK = 8


def risk(tables: Tables) -> str:
    """The newest probability of the eight days up to the day; none while health stands in."""
    rows = tables.records("warning_risk", "account_id", "day", "probability")
    return (
        f"SELECT account_id, arg_max(probability, day) AS value FROM {rows}"
        f" WHERE day <= DATE '{tables.day}' AND day > DATE '{tables.day}' - {LOOK_BACK} GROUP BY account_id"
    )


register_measure(Measure(
    name="risk", title=_("Risk of loss"), higher_is_better=False, sql=risk, kind="percent",
    definition=_("Probability of being lost within the horizon, as the early warning said it by that day; none when there is "
                 "too little signal to say one."),
))  # fmt: skip
