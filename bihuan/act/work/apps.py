"""The work app."""

from bihuan.base.access.policy import EVERYONE, OUR_SIDE, Role
from bihuan.base.house import HouseApp


class WorkConfig(HouseApp):
    """Instances and work items, and who may do what with them.

    `work.do` is one's own bench and the queues of one's roles; `work.see` every instance of the territory; `work.deviate`
    leaves the standard with a reason; `work.manage` pauses, cancels, moves and reviews.
    """

    name = "bihuan.act.work"
    label = "work"
    permissions = {
        "work.do": EVERYONE,
        "work.see": OUR_SIDE,
        "work.start": {
            Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.SALES, Role.SERVICE, Role.MARKETER,
        },
        "work.deviate": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
        "work.manage": {Role.ADMIN, Role.MANAGER},
    }  # fmt: skip
