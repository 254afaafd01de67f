"""Reads of tickets, and the question about them."""

from bihuan.serve.tickets.queries.limits import LimitsTable, limits_by_priority, limits_by_tier, limits_table
from bihuan.serve.tickets.queries.question import answer_tickets
from bihuan.serve.tickets.queries.tickets import (
    UNSOLVED,
    open_tickets_by_account,
    promised_by,
    tickets_of,
)

__all__ = [
    "UNSOLVED",
    "LimitsTable",
    "answer_tickets",
    "limits_by_priority",
    "limits_by_tier",
    "limits_table",
    "open_tickets_by_account",
    "promised_by",
    "tickets_of",
]
