"""The metrics app."""

from bihuan.base.access.policy import OUR_SIDE
from bihuan.base.house import HouseApp


class MetricsConfig(HouseApp):
    """The measures that apps contribute."""

    name = "bihuan.understand.metrics"
    label = "metrics"
    permissions = {
        "measures.view": OUR_SIDE,
    }
