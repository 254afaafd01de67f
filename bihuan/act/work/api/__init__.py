"""REST of work: instances, items, messages and signals."""

from bihuan.act.work.api.instances import router
from bihuan.act.work.api.items import add_items

add_items(router)

__all__ = ["router"]
