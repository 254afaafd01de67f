"""The access app."""

from bihuan.base.access.policy import EVERYONE, Role
from bihuan.base.house import HouseApp


class AccessConfig(HouseApp):
    """Sign-in, tokens, and the guard on every door."""

    name = "bihuan.base.access"
    label = "access"
    permissions = {
        "own.settings": EVERYONE,
        "tokens.use": EVERYONE,
        "audit.view": {Role.ADMIN, Role.MANAGER},
        "system.view": {Role.ADMIN},
        "system.operate": {Role.ADMIN},
    }
