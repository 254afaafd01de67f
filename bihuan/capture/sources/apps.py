"""The sources app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class SourcesConfig(HouseApp):
    """Where events come from."""

    name = "bihuan.capture.sources"
    label = "sources"
    permissions = {
        "sources.view": OUR_SIDE,
        "sources.edit": {Role.ADMIN, Role.OPERATOR},
    }
