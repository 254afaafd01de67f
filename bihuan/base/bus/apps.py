"""The bus app."""

from bihuan.base.house import HouseApp


class BusConfig(HouseApp):
    """The outbox."""

    name = "bihuan.base.bus"
    label = "bus"
