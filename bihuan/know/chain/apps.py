"""The chain app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class ChainConfig(HouseApp):
    """Who decides at a customer."""

    name = "bihuan.know.chain"
    label = "chain"
    permissions = {
        "chain.view": OUR_SIDE,
        "chain.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES},
    }
