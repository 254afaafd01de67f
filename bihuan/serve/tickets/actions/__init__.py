"""Writes about tickets and their clock."""

from bihuan.serve.tickets.actions.clock import change_limits, measure_tickets
from bihuan.serve.tickets.actions.tickets import (
    CHANGEABLE,
    answer_ticket,
    change_ticket,
    import_tickets,
    open_ticket,
    rate_ticket,
    reopen_ticket,
    resume_ticket,
    solve_ticket,
)

__all__ = [
    "CHANGEABLE",
    "answer_ticket",
    "change_limits",
    "change_ticket",
    "import_tickets",
    "measure_tickets",
    "open_ticket",
    "rate_ticket",
    "reopen_ticket",
    "resume_ticket",
    "solve_ticket",
]
