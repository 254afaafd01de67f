"""Reads of the metrics app: measures of every account, metrics of a territory."""

from bihuan.understand.metrics.queries.history import history_of
from bihuan.understand.metrics.queries.known import branches_of, inputs_of, known_metrics
from bihuan.understand.metrics.queries.measured import (
    USAGE_DAYS,
    Catalogue,
    Values,
    end_of,
    record_table,
    values_as_of,
)
from bihuan.understand.metrics.queries.trees import Node, cores, targets_on, tree_of
from bihuan.understand.metrics.queries.valued import Period, Valued, question_in, register_asker, values_in

__all__ = ["USAGE_DAYS", "Catalogue", "Node", "Period", "Valued", "Values", "branches_of", "cores", "end_of", "history_of",
           "inputs_of",
           "known_metrics", "question_in", "record_table", "register_asker", "targets_on", "tree_of", "values_as_of",
           "values_in"]  # fmt: skip
