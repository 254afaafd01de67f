"""The annotations app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class AnnotationsConfig(HouseApp):
    """Who may read and write annotations."""

    name = "bihuan.understand.annotations"
    label = "annotations"
    permissions = {
        "annotations.view": OUR_SIDE,
        "annotations.edit": OUR_SIDE - {Role.SALES},
    }
