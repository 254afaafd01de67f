"""The plays app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class PlaysConfig(HouseApp):
    """Plays, their runs and what they were good for."""

    name = "bihuan.act.plays"
    label = "plays"
    permissions = {
        "plays.view": OUR_SIDE,
        "plays.do": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES, Role.SERVICE, Role.MARKETER},
        "plays.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
    }
