"""The weekly plan moves into the house."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class WeekConfig(HouseApp):
    """Whose hours go to which account this week; `plan.edit` sees every line of the territory, others their own."""

    name = "bihuan.act.plan"
    label = "plan"
    permissions = {
        "plan.view": OUR_SIDE,
        "plan.edit": {Role.ADMIN, Role.MANAGER},
    }
