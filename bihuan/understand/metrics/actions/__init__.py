"""Writes about metrics: each is one transaction and one fact."""

from bihuan.understand.metrics.actions.alerts import look_for_alarms, save_alert
from bihuan.understand.metrics.actions.own import remove_metric, save_metric
from bihuan.understand.metrics.actions.targets import set_target

__all__ = ["look_for_alarms", "remove_metric", "save_alert", "save_metric", "set_target"]
