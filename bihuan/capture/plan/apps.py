"""The tracking plan moves into the house."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Role
from bihuan.base.house import HouseApp

_OURS = {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES, Role.SERVICE, Role.MARKETER, Role.ANALYST}


class PlanConfig(HouseApp):
    """Which events and properties we agreed on."""

    name = "bihuan.capture.plan"
    label = "tracking"
    verbose_name = _("Tracking plan")
    permissions = {
        "tracking.view": _OURS,
        "tracking.edit": {Role.ADMIN, Role.OPERATOR, Role.ANALYST},
    }
