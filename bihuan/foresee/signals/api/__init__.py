"""REST of signals and their kinds."""

from bihuan.foresee.signals.api.kinds import router

__all__ = ["router"]
