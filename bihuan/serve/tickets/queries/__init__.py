"""Reads of tickets, and the question about them."""

from bihuan.serve.tickets.queries.limits import limits_by_priority
from bihuan.serve.tickets.queries.question import answer_tickets
from bihuan.serve.tickets.queries.tickets import UNSOLVED, open_tickets_by_account, tickets_of

__all__ = ["UNSOLVED", "answer_tickets", "limits_by_priority", "open_tickets_by_account", "tickets_of"]
