"""The health app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class HealthConfig(HouseApp):
    """How each customer fares, and why."""

    name = "bihuan.foresee.health"
    label = "health"
    permissions = {
        "health.view": OUR_SIDE,
        "health.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
        "health.override": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
        "health.export": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
    }
