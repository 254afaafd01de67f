"""The ingest app."""

from bihuan.base.access.policy import OUR_SIDE
from bihuan.base.house import HouseApp


class IngestConfig(HouseApp):
    """The door for events."""

    name = "bihuan.capture.ingest"
    label = "ingest"
    permissions = {
        "rejects.view": OUR_SIDE,
    }
