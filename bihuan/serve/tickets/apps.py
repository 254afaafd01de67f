"""The tickets app."""

from bihuan.base.access.policy import EVERYONE, Role
from bihuan.base.house import HouseApp


class TicketsConfig(HouseApp):
    """What customers ask of us."""

    name = "bihuan.serve.tickets"
    label = "tickets"
    permissions = {
        "tickets.view": EVERYONE,
        "tickets.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SERVICE},
        "tickets.limits": {Role.ADMIN, Role.MANAGER},
        "tickets.export": {Role.ADMIN, Role.MANAGER, Role.SERVICE, Role.ANALYST},
    }
