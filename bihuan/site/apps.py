"""The site: the frame filled with our own pages."""

from bihuan.base.access.policy import EVERYONE, OUR_SIDE
from bihuan.base.house import HouseApp


class SiteConfig(HouseApp):
    """Workbench, accounts, the account page, events."""

    name = "bihuan.site"
    label = "site"
    permissions = {
        "workbench.view": EVERYONE,
        "timeline.view": EVERYONE,
        "usage.view": EVERYONE,
        "events.view": OUR_SIDE,
        "preferences.edit": EVERYONE,
    }
