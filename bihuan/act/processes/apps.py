"""The processes app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class ProcessesConfig(HouseApp):
    """Processes and decision tables, their versions, and who may draw and publish them."""

    name = "bihuan.act.processes"
    label = "processes"
    permissions = {
        "processes.view": OUR_SIDE,
        "processes.draw": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
        "processes.publish": {Role.ADMIN, Role.MANAGER},
    }
