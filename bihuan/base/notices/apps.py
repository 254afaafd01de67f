"""The notices app."""

from bihuan.base.access.policy import EVERYONE
from bihuan.base.house import HouseApp


class NoticesConfig(HouseApp):
    """Everybody reads what they were told, and nobody else does."""

    name = "bihuan.base.notices"
    label = "notices"
    permissions = {"notices.own": EVERYONE}
