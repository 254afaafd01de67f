"""Reads of the metrics app: measures of every account, metrics of a territory."""

from bihuan.understand.metrics.queries.as_known import undated_in
from bihuan.understand.metrics.queries.history import history_of
from bihuan.understand.metrics.queries.known import branches_of, inputs_of, known_metrics
from bihuan.understand.metrics.queries.measured import (
    USAGE_DAYS,
    Catalogue,
    Values,
    end_of,
    values_as_of,
)
from bihuan.understand.metrics.queries.panel import values_over
from bihuan.understand.metrics.queries.records import columns_from, record_table
from bihuan.understand.metrics.queries.staged import (
    ProductStage,
    numbers_on,
    numbers_open_to,
    stages_on,
    to_count,
)
from bihuan.understand.metrics.queries.staged_words import CoreInWords, core_in_words, reason_of_stage
from bihuan.understand.metrics.queries.trees import Node, cores, targets_on, tree_of
from bihuan.understand.metrics.queries.valued import Period, Valued, question_in, register_asker, values_in
from bihuan.understand.metrics.queries.written import out_of_order, written

__all__ = ["USAGE_DAYS", "Catalogue", "CoreInWords", "Node", "Period", "ProductStage", "Valued", "Values", "branches_of",
           "columns_from",
           "core_in_words", "cores", "end_of", "history_of",
           "inputs_of", "known_metrics", "numbers_on", "numbers_open_to", "out_of_order", "question_in",
           "reason_of_stage", "record_table", "register_asker", "stages_on", "targets_on", "to_count", "tree_of", "undated_in",
           "values_as_of", "values_in", "values_over", "written"]  # fmt: skip
