"""The accounts app."""

from bihuan.base.access.policy import EVERYONE, OUR_SIDE, Role
from bihuan.base.house import HouseApp


class AccountsConfig(HouseApp):
    """Customers and the people in them."""

    name = "bihuan.know.accounts"
    label = "accounts"
    permissions = {
        "accounts.view": EVERYONE,
        "accounts.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES},
        "accounts.export": OUR_SIDE,
        "people.view": EVERYONE,
        "people.edit": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES, Role.SERVICE},
        "people.export": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
        "personal.manage": {Role.ADMIN, Role.MANAGER},
        "follow_ups.view": OUR_SIDE,
        "follow_ups.edit": OUR_SIDE,
    }
