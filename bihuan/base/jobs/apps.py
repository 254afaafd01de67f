"""The jobs app."""

from bihuan.base.access.policy import EVERYONE, Role
from bihuan.base.house import HouseApp


class JobsConfig(HouseApp):
    """Work behind the pages, with a page that shows what ran, what failed and why."""

    name = "bihuan.base.jobs"
    label = "jobs"
    permissions = {
        "jobs.view": {Role.ADMIN},
        "jobs.operate": {Role.ADMIN},
        "jobs.own": EVERYONE,
    }
