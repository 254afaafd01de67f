"""The experiments app."""

from bihuan.base.access.policy import OUR_SIDE, Role
from bihuan.base.house import HouseApp


class ExperimentsConfig(HouseApp):
    """Experiments and who may do what with them; a product's own token needs no more than `experiments.assign`."""

    name = "bihuan.understand.experiments"
    label = "experiments"
    permissions = {
        "experiments.view": OUR_SIDE,
        "experiments.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
        "experiments.assign": OUR_SIDE,
    }
