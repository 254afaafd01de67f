"""Reads of the time limits."""

from bihuan.serve.tickets.models import Priority, TicketLimit
from bihuan.serve.tickets.rules import SHIPPED, Limits


def limits_by_priority() -> dict[str, Limits]:
    """The limits of every priority: those that were set, else those that ship."""
    told = {
        row.priority: Limits(response=row.response_minutes, resolution=row.resolution_minutes)
        for row in TicketLimit.objects.all()
    }
    return {priority: told.get(priority, SHIPPED[priority]) for priority in Priority.values}
