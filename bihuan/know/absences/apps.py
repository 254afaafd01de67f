"""The absences app."""

from bihuan.base.access.policy import EVERYONE, Role
from bihuan.base.house import HouseApp


class AbsencesConfig(HouseApp):
    """Everybody sees who is away and enters their own absences; `absences.manage` enters those of others."""

    name = "bihuan.know.absences"
    label = "absences"
    permissions = {
        "absences.own": EVERYONE,
        "absences.manage": {Role.ADMIN, Role.MANAGER},
    }
