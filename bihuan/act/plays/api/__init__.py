"""REST of plays."""

from bihuan.act.plays.api import plays, runs  # what registers the operations
from bihuan.act.plays.api.shared import router

__all__ = ["plays", "router", "runs"]
