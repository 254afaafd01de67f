"""REST of work: instances, items, what people leave there, messages and signals."""

from bihuan.act.work.api.instances import router
from bihuan.act.work.api.items import add_items
from bihuan.act.work.api.talk import add_talk

add_items(router)
add_talk(router)

__all__ = ["router"]
