"""Writes of the health room."""

from bihuan.foresee.health.actions.models import ensure_model, save_model
from bihuan.foresee.health.actions.overrides import end_override, override_health
from bihuan.foresee.health.actions.scores import compute_health

__all__ = ["compute_health", "end_override", "ensure_model", "override_health", "save_model"]
