"""REST of the explore room: asking, and what is kept."""

from ninja import Router

from bihuan.understand.explore.api.ask import router as asking
from bihuan.understand.explore.api.saved import router as keeping

router = Router()
router.add_router("", asking)
router.add_router("", keeping)
