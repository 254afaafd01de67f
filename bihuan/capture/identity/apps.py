"""The identity app."""

from bihuan.base.access.policy import Role
from bihuan.base.house import HouseApp


class IdentityConfig(HouseApp):
    """From ids to people and accounts."""

    name = "bihuan.capture.identity"
    label = "identity"
    permissions = {
        "identity.view": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
        "identity.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
    }
