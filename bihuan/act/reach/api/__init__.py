"""REST of reach."""

from bihuan.act.reach.api import channels, consent, messages, templates  # noqa: F401 — they add their operations to the router
from bihuan.act.reach.api.shapes import router

__all__ = ["router"]
