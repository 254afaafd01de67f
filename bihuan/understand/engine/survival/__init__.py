"""Survival: how long until it happens to a unit, with those to whom it has not happened yet."""

from bihuan.understand.engine.survival.answer import shape_survival
from bihuan.understand.engine.survival.question import FIELDS, Moment, SurvivalQuestion, read_survival

__all__ = ["FIELDS", "Moment", "SurvivalQuestion", "read_survival", "shape_survival"]
