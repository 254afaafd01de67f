"""The UI kit."""

from bihuan.base.access.policy import EVERYONE
from bihuan.base.house import HouseApp


class UiConfig(HouseApp):
    """Lists, forms, panels, navigation, palette: what every page is made of."""

    name = "bihuan.base.ui"
    label = "ui"
    permissions = {"ui.use": EVERYONE}
