"""The experiment question: did the variant do better, how sure is that, and may the numbers be trusted at all."""

from bihuan.understand.engine.experiment.answer import shape_experiment
from bihuan.understand.engine.experiment.question import FIELDS, ExperimentQuestion, Metric, read_experiment

__all__ = ["FIELDS", "ExperimentQuestion", "Metric", "read_experiment", "shape_experiment"]
