"""The mining app."""

from bihuan.base.access.policy import Role
from bihuan.base.house import HouseApp


class MiningConfig(HouseApp):
    """Figures, conformance, comparison and simulation of processes; `mining.people` also by the name of who did a step."""

    name = "bihuan.act.mining"
    label = "mining"
    permissions = {
        "mining.view": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
        "mining.people": {Role.ADMIN, Role.MANAGER},
    }
