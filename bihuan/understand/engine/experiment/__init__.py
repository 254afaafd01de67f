"""The experiment question: did the variant do better, how sure is that, and may the numbers be trusted at all."""

from bihuan.understand.engine.experiment.answer import shape_experiment, shape_found
from bihuan.understand.engine.experiment.plan import plans_of_experiment
from bihuan.understand.engine.experiment.question import FIELDS, ExperimentQuestion, Metric, read_experiment

__all__ = [
    "FIELDS",
    "ExperimentQuestion",
    "Metric",
    "plans_of_experiment",
    "read_experiment",
    "shape_experiment",
    "shape_found",
]
