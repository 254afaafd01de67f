"""Measures and metrics of contracts."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.history import History, register_history
from bihuan.base.measures import (
    Measure,
    ProductMeasure,
    Tables,
    measure,
    register_measure,
    register_product_measure,
)
from bihuan.base.metrics import Metric, register_metric
from bihuan.base.money import reporting_currency

PAST_DAYS = 180

CONTRACTS = register_history(History(
    table="contracts_contract", begins="starts_on", fixed=("id", "account_id", "currency"), dates=("ends_on",),
    changed=("starts_on", "ends_on", "billing"), row="contract_id", facts=("contract_changed", "contracts_imported"),
))  # fmt: skip
LINES = register_history(History(
    table="contracts_contractline", begins="starts_on", fixed=("id", "contract_id"), dates=("ends_on",),
    changed=("starts_on", "ends_on", "seats", "mrr", "trial", "product_id"), row="line_id",
    facts=("contract_line_set", "contracts_imported"),
))  # fmt: skip


def _lines(tables: Tables) -> str:
    """Every line with its account."""
    lines = tables.records("contracts_contractline", "contract_id", "seats", "starts_on", "ends_on")
    contracts = tables.records("contracts_contract", "id", "account_id")
    return f"(SELECT l.*, c.account_id FROM {lines} l JOIN {contracts} c ON c.id = l.contract_id)"


def _paid(tables: Tables) -> str:
    """The same without trials, in the currency of lists and totals: amounts of others are never added to it."""
    lines = tables.records(
        "contracts_contractline", "contract_id", "product_id", "mrr", "starts_on", "ends_on", "trial"
    )
    contracts = tables.records("contracts_contract", "id", "account_id", "currency")
    currency = reporting_currency().replace("'", "''")
    return (
        f"(SELECT l.*, c.account_id FROM {lines} l JOIN {contracts} c ON c.id = l.contract_id"
        f" WHERE NOT trial AND currency = '{currency}')"
    )


def _active(day: str) -> str:
    return f"starts_on <= {day} AND (ends_on IS NULL OR ends_on > {day})"


def _today(tables: Tables) -> str:
    return f"DATE '{tables.day}'"


def mrr(tables: Tables) -> str:
    """Recurring revenue a month of who pays any."""
    return (
        f"SELECT account_id, sum(mrr) AS value FROM {_paid(tables)}"
        f" WHERE {_active(_today(tables))} GROUP BY account_id"
    )


def product_mrr(tables: Tables) -> str:
    """Recurring revenue a month of each product that a paid line names."""
    return (
        f"SELECT product_id, sum(mrr) AS value FROM {_paid(tables)}"
        f" WHERE product_id IS NOT NULL AND {_active(_today(tables))} GROUP BY product_id"
    )


def mrr_change(tables: Tables) -> str:
    """Change of recurring revenue against 180 days before; none for an account that paid nothing then."""
    today, past = _today(tables), f"({_today(tables)} - {PAST_DAYS})"
    return (
        "SELECT account_id, now / before - 1 AS value FROM (SELECT account_id,"
        f" coalesce(sum(mrr) FILTER (WHERE {_active(today)}), 0) AS now,"
        f" coalesce(sum(mrr) FILTER (WHERE {_active(past)}), 0) AS before"
        f" FROM {_paid(tables)} GROUP BY account_id) WHERE before > 0"
    )


def margin(tables: Tables) -> str:
    """Recurring revenue a month less what our hours cost a month; of who pays any. Hours that nobody recorded cost nothing."""
    return (
        f"SELECT r.account_id, r.value - coalesce(c.value, 0) AS value FROM ({mrr(tables)}) r"
        f" LEFT JOIN ({measure('hours_cost').sql(tables)}) c ON c.account_id = r.account_id"
    )


def seats_active(tables: Tables) -> str:
    """Active people of the last 28 days against seats sold."""
    return (
        "SELECT account_id, least(1.0, active_people / sold) AS value FROM"
        f" (SELECT account_id, sum(seats)::DOUBLE AS sold FROM {_lines(tables)}"
        f" WHERE {_active(_today(tables))} GROUP BY account_id)"
        f" JOIN {tables.usage()} USING (account_id) WHERE sold > 0"
    )


def days_to_renewal(tables: Tables) -> str:
    """Days to the first end of an active contract."""
    contracts = tables.records("contracts_contract", "account_id", "starts_on", "ends_on")
    day = _today(tables)
    return (
        f"SELECT account_id, min(date_diff('day', {day}, ends_on)) AS value FROM {contracts}"
        f" WHERE starts_on <= {day} AND ends_on > {day} GROUP BY account_id"
    )


def contract_year(tables: Tables) -> str:
    """Which year of being under contract the day lies in, from the start of the first one; none without an active one."""
    contracts = tables.records("contracts_contract", "account_id", "starts_on", "ends_on")
    day = _today(tables)
    return (
        f"SELECT account_id, date_sub('year', min(starts_on), {day}) + 1 AS value FROM {contracts}"
        f" WHERE starts_on <= {day} GROUP BY account_id HAVING bool_or(ends_on IS NULL OR ends_on > {day})"
    )


def days_to_anniversary(tables: Tables) -> str:
    """Days to the next anniversary of the start of a contract in force, the nearest one."""
    contracts = tables.records("contracts_contract", "account_id", "starts_on", "ends_on")
    day = _today(tables)
    return (
        f"SELECT account_id, min(date_diff('day', {day}, (starts_on + to_years(CAST(date_sub('year', starts_on, {day}) + 1"
        f" AS INTEGER)))::DATE)) AS value FROM {contracts} WHERE {_active(day)} GROUP BY account_id"
    )


def billed_monthly(tables: Tables) -> str:
    """Share of contracts in force that are billed by the month."""
    contracts = tables.records("contracts_contract", "account_id", "starts_on", "ends_on", "billing")
    return (
        f"SELECT account_id, avg(CASE WHEN billing = 'monthly' THEN 1.0 ELSE 0.0 END) AS value FROM {contracts}"
        f" WHERE {_active(_today(tables))} GROUP BY account_id"
    )


register_measure(Measure(
    name="mrr", title=_("Revenue a month"), higher_is_better=True, sql=mrr, kind="money",
    definition=_("Recurring revenue of lines with start ≤ day and no end or end > day; trials at zero."),
))  # fmt: skip
register_measure(Measure(
    name="mrr_change", title=_("Revenue against 180 days ago"), higher_is_better=True, sql=mrr_change, kind="percent",
    change=True,
    definition=_("Recurring revenue a month against that of 180 days before."),
))  # fmt: skip
register_measure(Measure(
    name="margin", title=_("Margin a month"), higher_is_better=True, sql=margin, kind="money",
    definition=_("Revenue a month less the cost of our recorded hours a month; costs of the product are not in it."),
))  # fmt: skip
register_measure(Measure(
    name="seats_active", title=_("Seats active"), higher_is_better=True, sql=seats_active, kind="percent",
    definition=_("People active in the last 28 days divided by seats sold, at most 100 %."),
))  # fmt: skip
register_measure(Measure(
    name="days_to_renewal", title=_("Days to renewal"), higher_is_better=True, sql=days_to_renewal, kind="days",
    definition=_("Days to the first end of an active contract; none when all are open-ended."),
))  # fmt: skip
register_measure(Measure(
    name="contract_year", title=_("Contract year"), higher_is_better=True, sql=contract_year,
    definition=_("Year 1, 2, … since the first contract began; none without an active contract."),
))  # fmt: skip
register_measure(Measure(
    name="days_to_anniversary", title=_("Days to the anniversary"), higher_is_better=True, sql=days_to_anniversary, kind="days",
    definition=_("Days to the next anniversary of the start of a contract in force: what was known of its renewal on any day."),
))  # fmt: skip
register_measure(Measure(
    name="billed_monthly", title=_("Billed by the month"), higher_is_better=False, sql=billed_monthly, kind="percent",
    definition=_("Share of contracts in force that are billed by the month."),
))  # fmt: skip

register_product_measure(ProductMeasure(name="mrr", sql=product_mrr, permission="contracts.view"))

register_metric(Metric(
    key="mrr_total", title=_("MRR"), kind="money", measure="mrr", permission="contracts.view",
    definition=_("Recurring revenue a month on the last day of the period. MRR = paying accounts × MRR per paying account."),
    drivers=("paying_accounts", "mrr_per_account"),
))  # fmt: skip
register_metric(Metric(
    key="paying_accounts", title=_("Paying accounts"), unit=pgettext_lazy("unit", "accounts"), measure="mrr", over="count",
    permission="contracts.view",
    definition=_("Accounts with recurring revenue on the last day of the period."),
))  # fmt: skip
register_metric(Metric(
    key="mrr_per_account", title=_("MRR per paying account"), kind="money", permission="contracts.view",
    definition=_("Recurring revenue a month divided by paying accounts, on the last day of the period."),
    formula="mrr_total / paying_accounts",
))  # fmt: skip
