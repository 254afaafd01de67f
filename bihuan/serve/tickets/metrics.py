"""Measures of tickets: what was open, how fast we were and how satisfied they were, as known on the day."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.history import History, register_history
from bihuan.base.measures import Measure, Tables, register_measure

WINDOW_DAYS = 90

#: What a customer thought of the answer is dated by the solution, for that is when they are asked.
HISTORY = register_history(History(
    table="tickets_ticket", begins="opened_at", fixed=("id", "account_id"),
    dates=("resolved_at", "first_response_at", "response_due_at", "resolve_due_at"), since={"satisfaction": "resolved_at"},
    changed=("priority", "escalated", "resolved_at", "first_response_at", "satisfaction"), row="ticket_id",
    facts=("ticket_changed", "ticket_reopened", "ticket_rated", "tickets_imported"),
))  # fmt: skip


def _tickets(tables: Tables) -> str:
    """Tickets opened by the day, with what was known of them then; how satisfied somebody is, is known once it is solved."""
    rows = tables.records(
        "tickets_ticket", "account_id", "priority", "opened_at", "resolved_at", "satisfaction", "escalated"
    )
    cutoff = tables.cutoff
    return (
        "(SELECT account_id, priority, opened_at, escalated,"
        f" CASE WHEN resolved_at < {cutoff} THEN resolved_at END AS resolved_at,"
        f" CASE WHEN resolved_at < {cutoff} THEN satisfaction END AS satisfaction"
        f" FROM {rows} WHERE opened_at < {cutoff})"
    )


def _window(tables: Tables, column: str) -> str:
    return f"{column} >= {tables.cutoff} - INTERVAL {WINDOW_DAYS} DAY"


def open_tickets(tables: Tables) -> str:
    """Unsolved tickets; high and urgent ones count double."""
    return (
        "SELECT account_id, coalesce(sum(CASE WHEN priority IN ('high', 'urgent') THEN 2 ELSE 1 END)"
        f" FILTER (WHERE resolved_at IS NULL), 0) AS value FROM {_tickets(tables)} GROUP BY account_id"
    )


def satisfaction(tables: Tables) -> str:
    """Mean satisfaction of the last 90 days; none without an answer."""
    return (
        f"SELECT account_id, avg(satisfaction) AS value FROM {_tickets(tables)}"
        f" WHERE satisfaction IS NOT NULL AND {_window(tables, 'coalesce(resolved_at, opened_at)')} GROUP BY account_id"
    )


def resolution(tables: Tables) -> str:
    """Median hours to solve of tickets solved in the last 90 days."""
    return (
        "SELECT account_id, median(date_diff('minute', opened_at, resolved_at)) / 60.0 AS value"
        f" FROM {_tickets(tables)} WHERE resolved_at IS NOT NULL AND {_window(tables, 'resolved_at')}"
        " GROUP BY account_id"
    )


def breaches(tables: Tables) -> str:
    """Tickets of the last 90 days whose first response or solution, as far as it had come by the day, was late."""
    rows = tables.records(
        "tickets_ticket", "account_id", "opened_at", "first_response_at", "resolved_at", "response_due_at",
        "resolve_due_at",
    )  # fmt: skip
    late = " OR ".join(
        f"({done} < {tables.cutoff} AND {done} > {due})"
        for done, due in (("first_response_at", "response_due_at"), ("resolved_at", "resolve_due_at"))
    )
    return (
        f"SELECT account_id, count(*) FILTER (WHERE {late}) AS value FROM {rows}"
        f" WHERE opened_at < {tables.cutoff} AND {_window(tables, 'opened_at')} AND response_due_at IS NOT NULL"
        " GROUP BY account_id"
    )


register_measure(Measure(
    name="open_tickets", title=_("Open tickets"), higher_is_better=False, sql=open_tickets,
    definition=_("Unsolved tickets; high and urgent ones count double."),
))  # fmt: skip
register_measure(Measure(
    name="satisfaction", title=_("Satisfaction"), higher_is_better=True, sql=satisfaction, kind="score",
    definition=_("Mean satisfaction (1–5) with tickets of the last 90 days."),
))  # fmt: skip
register_measure(Measure(
    name="resolution_hours", title=_("Time to solve"), higher_is_better=False, sql=resolution, kind="hours",
    definition=_("Median elapsed hours from opened to solved, tickets solved in the last 90 days."),
))  # fmt: skip
register_measure(Measure(
    name="late_tickets", title=_("Broken time limits"), higher_is_better=False, sql=breaches,
    definition=_("Tickets of the last 90 days of which the first response or the solution came later than was due."),
))  # fmt: skip
