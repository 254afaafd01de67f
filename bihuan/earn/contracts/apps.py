"""The contracts app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class ContractsConfig(HouseApp):
    """What customers agreed to pay."""

    name = "bihuan.earn.contracts"
    label = "contracts"
    permissions = {
        "contracts.view": OUR_SIDE,
        "contracts.edit": {Role.ADMIN, Role.MANAGER, Role.SALES},
        "contracts.export": {Role.ADMIN, Role.MANAGER, Role.SALES, Role.ANALYST},
    }
