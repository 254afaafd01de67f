"""Writes of the early warning."""

from bihuan.foresee.warning.actions.keeping import change_settings, keep_champion, put_in_force
from bihuan.foresee.warning.actions.scoring import score_accounts
from bihuan.foresee.warning.actions.training import train_model

__all__ = ["change_settings", "keep_champion", "put_in_force", "score_accounts", "train_model"]
