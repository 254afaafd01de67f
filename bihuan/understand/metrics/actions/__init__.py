"""Writes about metrics: each is one transaction and one fact."""

from bihuan.understand.metrics.actions.alerts import look_for_alarms, save_alert
from bihuan.understand.metrics.actions.own import remove_metric, save_metric
from bihuan.understand.metrics.actions.stages import (
    end_stage_override,
    keep_stages,
    override_stage,
    restore_stage_override,
)
from bihuan.understand.metrics.actions.targets import set_target

__all__ = ["end_stage_override", "keep_stages", "look_for_alarms", "override_stage", "remove_metric", "restore_stage_override",
           "save_alert", "save_metric", "set_target"]  # fmt: skip
