"""The tiers app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class TiersConfig(HouseApp):
    """Which tier each customer is in by rule, and what service that means."""

    name = "bihuan.foresee.tiers"
    label = "tiers"
    permissions = {
        "tiers.view": OUR_SIDE,
        "tiers.edit": {Role.ADMIN, Role.MANAGER},
        "tiers.override": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
        "tiers.score": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES, Role.ANALYST},
    }
