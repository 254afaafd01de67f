"""The webhooks app."""

from bihuan.base.access.policy import Role
from bihuan.base.house import HouseApp


class WebhooksConfig(HouseApp):
    """Only administrators let other programs hear what happens here."""

    name = "bihuan.base.webhooks"
    label = "webhooks"
    permissions = {"webhooks.manage": {Role.ADMIN}}

    def ready(self) -> None:
        """Whatever is published is looked at."""
        super().ready()
        from bihuan.base.webhooks import noticing, watching  # noqa: F401
