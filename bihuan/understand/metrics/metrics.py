"""Measures and metrics of use: from product events only, never from what our own staff did."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.measures import Measure, Tables, register_measure
from bihuan.base.metrics import Metric, register_metric


def active_people(tables: Tables) -> str:
    """People active in 28 days."""
    return f"SELECT account_id, active_people AS value FROM {tables.usage()}"


def active_days(tables: Tables) -> str:
    """Days with activity in 28 days."""
    return f"SELECT account_id, active_days AS value FROM {tables.usage()}"


def features(tables: Tables) -> str:
    """Different events in 28 days."""
    return f"SELECT account_id, features AS value FROM {tables.usage()}"


def trend(tables: Tables) -> str:
    """Change against the account's own past; none before there is a past."""
    return f"SELECT account_id, events / events_before - 1 AS value FROM {tables.usage()} WHERE events_before > 0"


def month(tables: Tables) -> str:
    """Change against the 28 days before, however young the account; 1 for use after none, none without use in either."""
    return (
        "SELECT account_id, CASE WHEN events_previous > 0 THEN events / events_previous - 1 ELSE 1 END AS value"
        f" FROM {tables.usage()} WHERE events_previous > 0 OR events > 0"
    )


def days_silent(tables: Tables) -> str:
    """Days since the last event."""
    return (
        f"SELECT account_id, date_diff('day', last_day, DATE '{tables.day}') AS value FROM {tables.usage()}"
    )


register_measure(Measure(
    name="active_people", title=_("Active people"), higher_is_better=True, sql=active_people,
    definition=_("People with at least one product event in the last 28 days."),
))  # fmt: skip
register_measure(Measure(
    name="active_days", title=_("Active days"), higher_is_better=True, sql=active_days, kind="days",
    definition=_("Days with at least one product event in the last 28 days."),
))  # fmt: skip
register_measure(Measure(
    name="features", title=_("Breadth of use"), higher_is_better=True, sql=features,
    definition=_("Different events used in the last 28 days."),
))  # fmt: skip
register_measure(Measure(
    name="usage_trend", title=_("Usage against own past"), higher_is_better=True, sql=trend, kind="percent", change=True,
    definition=_("Events of the last 28 days against the account's own mean of the three 28-day windows before."),
))  # fmt: skip
register_measure(Measure(
    name="usage_month", title=_("Usage against the 28 days before"), higher_is_better=True, sql=month, kind="percent",
    change=True,
    definition=_("Events of the last 28 days against those of the 28 days before; +100 % when these had none."),
))  # fmt: skip
register_measure(Measure(
    name="days_silent", title=_("Days without use"), higher_is_better=False, sql=days_silent, kind="days",
    definition=_("Days since the last product event."),
))  # fmt: skip

register_metric(Metric(
    key="events", title=pgettext_lazy("metric", "Use"), unit=pgettext_lazy("unit", "events"), layer="product",
    definition=_("Product events of the period. Use = active accounts × active people per account × events per person."),
    question={"kind": "trend", "measure": "count"},
    drivers=("active_accounts", "people_per_account", "events_per_person"),
))  # fmt: skip
register_metric(Metric(
    key="active_accounts", title=_("Active accounts"), unit=pgettext_lazy("unit", "accounts"),
    definition=_("Accounts with at least one product event in the period."),
    question={"kind": "trend", "measure": "accounts"},
))  # fmt: skip
register_metric(Metric(
    key="active_people_total", title=_("Active people"), unit=pgettext_lazy("unit", "people"), layer="person",
    definition=_("People with at least one product event in the period."),
    question={"kind": "trend", "measure": "people"},
))  # fmt: skip
register_metric(Metric(
    key="people_per_account", title=_("Active people per active account"), layer="person",
    definition=_("Active people of the period divided by its active accounts."),
    formula="active_people_total / active_accounts",
))  # fmt: skip
register_metric(Metric(
    key="events_per_person", title=_("Events per active person"), layer="person",
    definition=_("Product events of the period divided by its active people."),
    formula="events / active_people_total",
))  # fmt: skip
