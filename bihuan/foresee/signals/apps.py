"""The signals app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class SignalsConfig(HouseApp):
    """What happened that somebody should look at, and who may settle it."""

    name = "bihuan.foresee.signals"
    label = "signals"
    permissions = {
        "signals.view": OUR_SIDE,
        "signals.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES, Role.SERVICE, Role.ANALYST},
        "signals.manage": {Role.ADMIN, Role.MANAGER},
    }
