"""The explore app."""

from bihuan.base.access.policy import OUR_SIDE
from bihuan.base.house import HouseApp


class ExploreConfig(HouseApp):
    """Questions and answers."""

    name = "bihuan.understand.explore"
    label = "explore"
    permissions = {
        "explore.view": OUR_SIDE,
    }
