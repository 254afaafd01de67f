"""The metrics app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class MetricsConfig(HouseApp):
    """The measures that apps contribute, and the metrics made of them and of questions."""

    name = "bihuan.understand.metrics"
    label = "metrics"
    permissions = {
        "measures.view": OUR_SIDE,
        "metrics.view": OUR_SIDE,
        "metrics.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
        "stages.override": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
    }
