"""The warning app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class WarningConfig(HouseApp):
    """Who is likely to leave, why, and how far that can be believed."""

    name = "bihuan.foresee.warning"
    label = "warning"
    permissions = {
        "warning.view": OUR_SIDE,
        "warning.manage": {Role.ADMIN, Role.MANAGER, Role.ANALYST},
        "warning.export": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
    }
