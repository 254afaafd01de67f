"""Reads of the time limits."""

from dataclasses import dataclass

from bihuan.foresee.tiers.queries import policies
from bihuan.serve.tickets.models import Priority, TicketLimit
from bihuan.serve.tickets.rules import SHIPPED, Limits, nearer


def limits_by_priority() -> dict[str, Limits]:
    """The limits of every priority: those that were set, else those that ship."""
    told = {
        row.priority: Limits(response=row.response_minutes, resolution=row.resolution_minutes)
        for row in TicketLimit.objects.all()
    }
    return {priority: told.get(priority, SHIPPED[priority]) for priority in Priority.values}


def limits_by_tier() -> dict[str, Limits]:
    """What the service policy of each tier promises. An account without a tier was promised nothing."""
    return {
        tier: Limits(response=60 * one.first_answer_hours, resolution=60 * one.solved_hours)
        for tier, one in policies().items()
    }


@dataclass(frozen=True, kw_only=True)
class LimitsTable:
    """The limits of now, read once for many tickets."""

    by_priority: dict[str, Limits]
    by_tier: dict[str, Limits]

    def of(self, *, priority: str, tier: str) -> Limits:
        """Of each time the shorter: that of the priority, or that of the service which the tier gets."""
        return nearer(self.by_priority[priority], self.by_tier.get(tier))


def limits_table() -> LimitsTable:
    """As they are kept."""
    return LimitsTable(by_priority=limits_by_priority(), by_tier=limits_by_tier())
