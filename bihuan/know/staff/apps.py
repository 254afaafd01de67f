"""The staff app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class StaffConfig(HouseApp):
    """Our own people, their roles and territories."""

    name = "bihuan.know.staff"
    label = "staff"
    permissions = {
        "staff.view": OUR_SIDE,
        "staff.edit": {Role.ADMIN},
    }
