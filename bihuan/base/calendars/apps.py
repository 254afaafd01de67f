"""The calendars app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class CalendarsConfig(HouseApp):
    """Who may read and write business calendars."""

    name = "bihuan.base.calendars"
    label = "calendars"
    permissions = {
        "calendars.view": OUR_SIDE,
        "calendars.edit": {Role.ADMIN, Role.MANAGER},
    }
