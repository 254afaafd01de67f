"""The explore app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class ExploreConfig(HouseApp):
    """Questions and answers."""

    name = "bihuan.understand.explore"
    label = "explore"
    permissions = {
        "explore.view": OUR_SIDE,
        "explore.save": OUR_SIDE,
        "explore.share": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.MARKETER, Role.ANALYST},
    }
