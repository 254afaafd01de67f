"""The products app."""

from bihuan.base.access.policy import EVERYONE, Role
from bihuan.base.house import HouseApp


class ProductsConfig(HouseApp):
    """What we sell."""

    name = "bihuan.know.products"
    label = "products"
    permissions = {
        "products.view": EVERYONE,
        "products.edit": {Role.ADMIN, Role.MANAGER},
    }
