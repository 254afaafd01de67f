"""The identity app."""

from bihuan.base.access.policy import OUR_SIDE
from bihuan.base.house import HouseApp


class IdentityConfig(HouseApp):
    """From ids to people and accounts."""

    name = "bihuan.capture.identity"
    label = "identity"
    permissions = {"identity.view": OUR_SIDE}
