"""The ingest app."""

from bihuan.base.access.policy import Role
from bihuan.base.house import HouseApp


class IngestConfig(HouseApp):
    """The door for events."""

    name = "bihuan.capture.ingest"
    label = "ingest"
    permissions = {
        "rejects.view": {Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.ANALYST},
        "rejects.replay": {Role.ADMIN, Role.OPERATOR, Role.ANALYST},
    }
