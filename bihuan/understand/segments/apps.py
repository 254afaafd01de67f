"""The segments app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class SegmentsConfig(HouseApp):
    """Segments and who may do what with them."""

    name = "bihuan.understand.segments"
    label = "segments"
    permissions = {
        "segments.view": OUR_SIDE,
        "segments.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.MARKETER, Role.ANALYST},
        "segments.export": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
    }
