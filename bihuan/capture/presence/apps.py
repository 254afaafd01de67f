"""The presence app."""

from bihuan.base.access.policy import OUR_SIDE
from bihuan.base.house import HouseApp


class PresenceConfig(HouseApp):
    """Who is online now, versions in use, login rate."""

    name = "bihuan.capture.presence"
    label = "presence"
    permissions = {"presence.view": OUR_SIDE}
