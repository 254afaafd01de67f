"""The reach app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class ReachConfig(HouseApp):
    """Messages to customers: who may read the log, write templates, send, and manage channels and limits."""

    name = "bihuan.act.reach"
    label = "reach"
    permissions = {
        "reach.view": OUR_SIDE,
        "reach.send": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES, Role.SERVICE, Role.MARKETER},
        "reach.write": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.MARKETER},
        "reach.manage": {Role.ADMIN, Role.MANAGER},
        "reach.export": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
    }
